# SPDX-License-Identifier: Apache-2.0
#
# What the README shows is what its commands print: they are run in its order, and each line of a block of output must be
# among what the commands above it printed. Commands about real evidence need $ASSAY_INTEROP.
import os
import re
import subprocess
import tempfile

SOURCE, BUILD, INTEROP = os.environ["ASSAY_SOURCE"], os.environ["ASSAY_BUILD"], os.environ["ASSAY_INTEROP"]


def sections(text):
    """Of each heading: its commands, and the outputs that follow them."""
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        blocks = re.findall(r"^```(?:sh)?\n(.*?)^```$|((?:^    [^\n]*\n)+)", part, re.M | re.S)
        steps = []
        for fenced, indented in blocks:
            lines = fenced or re.sub(r"^    ", "", indented, flags=re.M)
            if lines.startswith(("build/", "real=")) and "your-" not in lines:
                steps.append([lines, []])
            elif fenced and steps:
                steps[-1][1] += [line for line in fenced.splitlines() if line.strip() not in ("", "...")]
        yield part.splitlines()[0], steps


def timeless(line):
    """How long a stage took is never twice the same."""
    return re.sub(r"\d+\.\d{3} s\b", "#.### s", line)


def shell(script, folder):
    return subprocess.run(["sh", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout


passed = failed = 0
with open(os.path.join(SOURCE, "README.md")) as f:
    readme = f.read()
with tempfile.TemporaryDirectory() as work:
    os.mkdir(os.path.join(work, "build"))
    for program in ("assay", "assay-forge"):
        os.symlink(os.path.join(BUILD, program), os.path.join(work, "build", program))
    for title, steps in sections(readme):
        real = any("$real" in commands for commands, _ in steps)
        if real and not os.path.isdir(INTEROP):
            print(f"skipped: {title}: no real evidence")
            continue
        setting = ""
        for commands, shown in steps:
            commands = re.sub(r" +# .*", "", commands)
            if commands.startswith("real="):
                setting = commands.splitlines()[0] + "\n"
            if "HEX" in commands:
                continue  # a pattern, not a command
            printed = [timeless(line) for line in shell(setting + commands, work).splitlines()]
            wrong = [line for line in shown if timeless(line) not in printed]
            passed, failed = passed + (not wrong), failed + bool(wrong)
            for line in wrong:
                print(f"FAILED {title}: not printed: {line}")
print(f"{passed} passed, {failed} failed")
raise SystemExit(failed > 0 or passed == 0)

# SPDX-License-Identifier: Apache-2.0
#
# The manual against what the programs say of themselves: each command has a page and is named in assay(1), each option is
# on its command's page, and no page defines one that is not there.
import os
import re
import subprocess
import sys

SOURCE, BUILD = os.environ["ASSAY_SOURCE"], os.environ["ASSAY_BUILD"]
WORDS = {"sim": ["up", "run", "env", "ctl", "faults"], "token": ["show", "verify"], "tdx": ["learn"]}
WITHOUT_PAGE = {"completion"}  # assay(1) has all of it


def told(*words):
    return subprocess.run([os.path.join(BUILD, "assay"), *words], check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True).stdout


def page(name):
    with open(os.path.join(SOURCE, "man", name + ".1.scd")) as f:
        return f.read()


def options(text):
    return set(re.findall(r"--[a-z][a-z-]+", text)) - {"--help"}


wrong, main = [], page("assay")
commands = re.findall(r"^  ([a-z]+) ", told("--help"), re.M)
for command in commands:
    if not re.search(rf"^\*assay {command}\b", main, re.M):
        wrong.append(f"assay(1) does not name {command}")
    if command in WITHOUT_PAGE:
        continue
    if f"*assay-{command}*(1)" not in main.split("# SEE ALSO")[1]:
        wrong.append(f"assay(1) does not point to assay-{command}(1)")
    text = page("assay-" + command)
    there = options("".join(told(command, *word, "--help") for word in [[]] + [[w] for w in WORDS.get(command, [])]))
    for option in sorted(there - options(text)):
        wrong.append(f"assay-{command}(1) lacks {option}")
    defined = options("".join(line for line in text.splitlines(True) if re.match(r"\*-", line)))
    for option in sorted(defined - there):
        wrong.append(f"assay-{command}(1) has {option}, which is not there")

# Every page of docs/ is to be found from the README, and no link leads nowhere.
pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *sorted("docs/" + f for f in os.listdir(os.path.join(SOURCE, "docs"))
                                                                   if f.endswith(".md"))]
for name in pages:
    with open(os.path.join(SOURCE, name)) as f:
        links = re.findall(r"\]\(([^)#]+)[^)]*\)", f.read())
    for link in links:
        if not link.startswith("http") and not os.path.exists(os.path.join(SOURCE, os.path.dirname(name), link)):
            wrong.append(f"{name} links to {link}, which is not there")
    if name == "README.md":
        wrong += [f"README.md does not link to {p}" for p in pages if p.startswith("docs/") and p not in links]

for line in wrong:
    print("FAILED", line)
if len(commands) < 10:
    sys.exit("assay --help lists next to nothing")
print(f"{len(commands)} commands, {len(wrong)} failed")
sys.exit(1 if wrong else 0)

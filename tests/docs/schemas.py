# SPDX-License-Identifier: Apache-2.0
#
# What assay-forge writes is valid by the schemas of docs/, and so is every report of assay. Policies: what the schema
# accepts assay accepts, what it refuses assay refuses. Examples in docs/ and man/ are valid.
#
# Schemas are open for readers; here every object is closed, so that a member nobody documented is found.
import json
import os
import re
import subprocess
import tempfile

from jsonschema import Draft202012Validator, RefResolver

SOURCE, BUILD = os.environ["ASSAY_SOURCE"], os.environ["ASSAY_BUILD"]
SCHEMAS = os.path.join(SOURCE, "docs", "schema")
ASSAY, FORGE = os.path.join(BUILD, "assay"), os.path.join(BUILD, "assay-forge")
passed = failed = 0


def case(name, ok, why=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print(f"FAILED {name}: {why}")


def close(node):
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for value in node.values():
            close(value)
    elif isinstance(node, list):
        for value in node:
            close(value)
    return node


def load(name):
    with open(os.path.join(SCHEMAS, name)) as f:
        return close(json.load(f))


store = {}
for name in sorted(os.listdir(SCHEMAS)):
    Draft202012Validator.check_schema(load(name))
    store[f"file://{SCHEMAS}/{name}"] = load(name)
by_schema = {s["title"]: Draft202012Validator(s, resolver=RefResolver(uri, s, store=store)) for uri, s in store.items()}


def faults(value):
    """The first fault of a document by the schema that it names; empty when there is none."""
    found = sorted(by_schema[value["schema"]].iter_errors(value), key=lambda e: list(e.absolute_path))
    return f"{list(found[0].absolute_path)}: {found[0].message[:200]}" if found else ""


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


def document(name, text):
    why = faults(json.loads(text))
    case(name, not why, why)


def report(name, *args):
    """A report: valid, and its exit member is the exit status."""
    got = run(ASSAY, "verify", "--format", "json", *args)
    try:
        value = json.loads(got.stdout)
    except ValueError:
        return case(name, False, got.stderr.decode().strip() or "no JSON")
    why = faults(value)
    if not why and value["exit"] != got.returncode:
        why = f"exit {value['exit']}, status {got.returncode}"
    case(name, not why, why)


def node(work, name, *args):
    path = os.path.join(work, name)
    done = run(FORGE, "-o", path, *args)
    case(f"forge {name}", done.returncode == 0, done.stderr.decode())
    with open(os.path.join(path, "bundle.json")) as f:
        document(f"{name}/bundle.json", f.read())
    return path


# Nodes that bring about each outcome and most shapes of a finding.
NODES = [
    ("single",), ("blackwell", "--arch", "blackwell"), ("ppcie", "--profile", "ppcie"), ("alone", "--no-collateral"),
    ("mismatch", "--fault", "measurement-driver"), ("no-rim", "--fault", "rim-absent"), ("no-ocsp", "--fault", "ocsp-absent"),
    ("hold", "--fault", "ocsp-rim-hold"), ("expired", "--fault", "rim-signer-expired"), ("twice", "--fault", "gpu-twice-single"),
    ("family", "--fault", "rim-signer-family"), ("nonce", "--profile", "ppcie", "--fault", "nonce-mixed"),
    ("no-switch", "--profile", "ppcie", "--fault", "switch-none"), ("variety", "--profile", "ppcie", "--fault", "vbios-mixed"),
    ("forged", "--fault", "flip-nonce"), ("cut", "--fault", "rim-cut"),
]


def reports(work):
    for name, *args in NODES:
        path = node(work, name, *args)
        anchors, bundle = ["--anchors", os.path.join(path, "anchors")], os.path.join(path, "bundle.json")
        report(f"report {name}", *anchors, "--as-recorded", bundle)
        report(f"report {name}, now, no nonce", *anchors, bundle)
    report("report, pinned anchors", bundle)
    report("report, no evidence", os.path.join(SOURCE, "LICENSE"))


def waiver(**members):
    return {"check": "gpu.chain.revocation", "reason": "because", "expires": "2026-12-31", **members}


def policy(require=None, waivers=None, **members):
    value = {"schema": "assay.policy/1", **members}
    if require is not None:
        value["require"] = require
    if waivers is not None:
        value["waivers"] = waivers
    return value


def pairs():
    """Each check with each code, with the details that make a difference: what may be waived?"""
    rows = json.loads(run(ASSAY, "explain", "--format", "json").stdout)
    checks = [r for r in rows if "id" in r]
    may = [r for r in checks if r["waivable"]]
    codes = sorted({c for r in may for c in r["waivable"].split()}) + ["OCSP_REVOKED", "REPORT_NONCE", "NO_CODE"]
    for row in may + [r for r in checks if not r["waivable"]][::8]:
        for code in [None] + codes:
            for detail in (None, {"measurement": 0}, {"certificate": 0}, {"certificate": 2}):
                w = waiver(check=row["id"])
                if code:
                    w["code"] = code
                if detail:
                    w["detail"] = detail
                yield policy(waivers=[w])


POLICIES = [
    policy(), policy({}, []), policy(description="words"), policy(description=1), policy(other=1), {"schema": "assay.policy/2"}, {},
    *(policy({"devices": d}) for d in ("8+4", "8", "0+0", "999+999", "", "+4", "8+", "8+4+1", "8x4", "1000", 8, None)),
    *(policy({n: v}) for n in ("gpu.driver.minimum", "gpu.vbios.minimum")
      for v in ("580.95", "96.00.A5.00.01", "", ".", "580.", ".580", "580..95", "5" * 32, "5" * 33, "580-95", 580, None)),
    *(policy({n: v}) for n in ("gpu.protected-pcie", "report.fwid", "report.known-fields", "rim.family")
      for v in (True, False, "true", 1, None)),
    *(policy({"rim.sha256": v}) for v in (["0a" * 32], ["0A" * 32] * 256, ["0a" * 32] * 257, [], ["0a" * 31], "0a" * 32, [1], None)),
    *(policy({"ocsp.max-age": v}) for v in (1, 86400, 31622400, 31622401, 0, -1, "60", 1.5, None)),
    policy({"gpu.driver.maximum": "1"}),
    policy(waivers=[waiver()]), policy(waivers=[waiver()] * 256), policy(waivers=[waiver()] * 257), policy(waivers={}),
    policy(waivers=[1]), policy(waivers=[waiver(until="2027")]),
    *(policy(waivers=[{k: v for k, v in waiver().items() if k != gone}]) for gone in ("check", "reason", "expires")),
    *(policy(waivers=[waiver(expires=v)]) for v in ("2026-11-23T07:15:00Z", "2026-11-23", "tomorrow", "", 0)),
    *(policy(waivers=[waiver(reason=v)]) for v in ("", 0, "\u001b[31m")),
    *(policy(waivers=[waiver(subject=v)]) for v in ("node", "gpu0", "gpu63", "gpu64", "gpu00", "nvswitch3", "tdx", "host", "gpu", "", 0)),
    *(policy(waivers=[waiver(detail=v)]) for v in ({"certificate": 255}, {"certificate": 256}, {"certificate": -1}, {"certificate": "1"},
                                                   {}, {"measurement": 1, "certificate": 1}, {"level": 1}, 1)),
]


def policies(work):
    path, empty = os.path.join(work, "policy.json"), os.path.join(work, "empty.json")
    with open(empty, "w") as f:
        json.dump({"schema": "assay.evidence/1", "evidence": []}, f)
    for value in POLICIES + list(pairs()):
        with open(path, "w") as f:
            json.dump(value, f)
        got = run(ASSAY, "verify", "--quiet", "--policy", path, empty)
        by_assay = got.returncode == 5  # no device; a policy that is refused gives 6
        by_schema_ok = value.get("schema") == "assay.policy/1" and not faults(value)
        case(f"policy {json.dumps(value)[:300]}", by_assay == by_schema_ok and got.returncode in (5, 6),
             f"assay {got.returncode} {got.stderr.decode().strip()}, schema {by_schema_ok}")


def examples():
    for folder in ("docs", "man", "."):
        for name in sorted(os.listdir(os.path.join(SOURCE, folder))):
            if not name.endswith((".md", ".scd")):
                continue
            with open(os.path.join(SOURCE, folder, name)) as f:
                text = f.read().replace("\\\\n", "\\n") if name.endswith(".scd") else f.read()
            for block in re.findall(r"^```(?:json)?\n(\{\n.*?^\})\n```", text, re.S | re.M):
                if '"schema": "assay.' in block and '..."' not in block:
                    document(f"example in {folder}/{name}", block)


def machines():
    """The data files that are shipped, and what the doctor writes: here, on an emulated machine, of a symptom."""
    for name in ("downloads", "instances", "matrix", "pci", "symptoms"):
        with open(os.path.join(SOURCE, "data", name + ".json")) as f:
            document(f"data/{name}.json", f.read())
    for name, *args in (("plan", ASSAY, "setup", "plan"), ("plan of a profile", ASSAY, "setup", "plan", "--profile", "ppcie"),
                        ("doctor", ASSAY, "doctor"), ("doctor, a profile", ASSAY, "doctor", "--profile", "ppcie"),
                        ("doctor, emulated", ASSAY, "sim", "run", "--no-fuse", "--profile", "ppcie", "--", ASSAY, "doctor"),
                        ("symptom", ASSAY, "doctor", "--symptom", "RmInitAdapter failed! (0x22:0x56:747)"),
                        ("no symptom", ASSAY, "doctor", "--symptom", "hello")):
        got = run(*args, "--format", "json")
        document(name, got.stdout or "{}")


def plans(work):
    """What setup would do to each of the tests' trees, and the journals of doing it and of taking it back, line by line."""
    done = subprocess.run([os.path.join(BUILD, "tests", "test-env-setup_plan"), "golden"], env={**os.environ, "ASSAY_PLANS": work},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    case("plans are made", done.returncode == 0, done.stdout.decode()[-2000:])
    names = sorted(n for n in os.listdir(work) if n.startswith("plan-"))
    kinds = set()
    for name in names:
        with open(os.path.join(work, name)) as f:
            if name.endswith(".json"):
                document(name, f.read())
                continue
            for n, line in enumerate(f, 1):
                value = json.loads(line)
                kinds.add(value.get("do") or next(iter(value)))
                found = list(by_schema["assay.txn/1"].iter_errors(value))
                case(f"{name}, line {n}", not found, f"{line[:300]}: {found and found[0].message[:200]}")
    case("many plans", len(names) > 40, len(names))
    case("every kind of line", kinds >= {"schema", "file", "command", "unit", "keep", "end", "undone", "closed"}, kinds)


with tempfile.TemporaryDirectory() as work:
    reports(work)
    plans(work)
    machines()
    policies(work)
examples()
print(f"{passed} passed, {failed} failed")
raise SystemExit(failed > 0)

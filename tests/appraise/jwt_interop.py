# SPDX-License-Identifier: Apache-2.0
#
# Tokens that assay makes are verified by PyJWT, as NVIDIA's SDK uses it; tokens that PyJWT makes are verified by assay.
# Payloads are also read as one client reads them: with the standard base64 alphabet. And the claims that are assay's own
# fit their schema, where there is something to check that with.
import base64
import hashlib
import json
import os
import subprocess
import tempfile
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

try:
    import jsonschema
except ImportError:
    jsonschema = None

SOURCE, BUILD = os.environ["ASSAY_SOURCE"], os.environ["ASSAY_BUILD"]
ASSAY, FORGE = os.path.join(BUILD, "assay"), os.path.join(BUILD, "assay-forge")
AT = "2026-06-01"
passed = failed = 0


def case(name, ok, why=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print(f"FAILED {name}: {why}")


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


def keys():
    key = ec.generate_private_key(ec.SECP384R1())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def claims(token, public):
    """As NVIDIA's SDK does: ES384 alone, no audience; the tokens of tests are of another time."""
    return jwt.decode(token, public, algorithms=["ES384"], options={"verify_exp": False, "verify_nbf": False, "verify_iat": False})


def standard(token):
    payload = token.split(".")[1]
    return json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True))


def check_array(name, array, public):
    overall = claims(array[0][1], public)
    case(f"{name}: head", array[0][0] == "JWT" and len(array) == 2)
    case(f"{name}: labels", set(overall["submods"]) == set(array[1]))
    case(f"{name}: kid", jwt.get_unverified_header(array[0][1]) == {"alg": "ES384", "kid": "mine"})
    jtis = {overall["jti"]}
    for label, token in array[1].items():
        device = claims(token, public)
        jtis.add(device["jti"])
        case(f"{name}: {label}: digest",
             overall["submods"][label] == ["DIGEST", ["SHA-256", hashlib.sha256(token.encode()).hexdigest()]])
        case(f"{name}: {label}: standard alphabet", standard(token) == device)
        case(f"{name}: {label}: members", device["eat_nonce"] == overall["eat_nonce"] and device["iss"] == overall["iss"] and
             all(isinstance(device[n], int) for n in ("iat", "nbf", "exp")) and "aud" not in device)
    case(f"{name}: jti", len(jtis) == len(array[1]) + 1)
    if jsonschema:
        with open(os.path.join(SOURCE, "docs", "schema", "assay.claims-1.json")) as f:
            errors = list(jsonschema.Draft202012Validator(json.load(f)).iter_errors(overall))
        case(f"{name}: schema", not errors, errors[:1])
    return overall


def ours(work, private, public):
    for name, profile in (("one", []), ("node", ["--profile", "ppcie"])):
        path, token = os.path.join(work, name), os.path.join(work, f"{name}.json")
        run(FORGE, "-o", path, *profile)
        got = run(ASSAY, "verify", "-q", "--anchors", os.path.join(path, "anchors"), "--as-recorded", os.path.join(path, "bundle.json"),
                  "--token", token, "--token-key", os.path.join(work, "key.pem"), "--token-kid", "mine")
        case(f"{name}: accepted", got.returncode == 0, got.stderr)
        with open(token) as f:
            value = json.load(f)
        arrays = {"": value} if name == "one" else value[1]
        for which, array in arrays.items():
            overall = check_array(f"{name} {which}", array, public)
            case(f"{name} {which}: result", overall["x-nvidia-overall-att-result"] is True)
        if name == "node":
            outer = claims(value[0][1], public)
            case("node: outer", all(outer["submods"][n][1][1] == hashlib.sha256(a[0][1].encode()).hexdigest() for n, a in arrays.items()))


def theirs(work, private, public):
    """A token of somebody else's making, in the manner of NVIDIA's service."""
    nonce, now = "5a" * 32, int(time.time())
    other = keys()[0]

    def put(name, key=private, alg="ES384", edit=None, status=0, *args):
        device = {"iss": "https://ras.example", "iat": now, "nbf": now, "exp": now + 3600, "jti": "d", "eat_nonce": nonce, "ueid": "1",
                  "measres": "success", "secboot": True, "dbgstat": "disabled"}
        report = ("arch-check", "attestation-report-parsed", "attestation-report-nonce-match", "attestation-report-signature-verified",
                  "vbios-index-no-conflict")
        rims = [f"{rim}-rim-{claim}" for rim in ("driver", "vbios") for claim in ("fetched", "signature-verified", "version-match", "measurements-available")]
        device.update({f"x-nvidia-gpu-{claim}": True for claim in (*report, *rims)})
        device.update({f"x-nvidia-gpu-{chain}-cert-chain": {"x-nvidia-cert-status": "valid", "x-nvidia-cert-ocsp-status": "good"}
                       for chain in ("attestation-report", "driver-rim", "vbios-rim")})
        if edit:
            edit(device)
        token = jwt.encode(device, key, algorithm=alg, headers={"kid": "nv-1"})
        overall = {"sub": "NVIDIA-PLATFORM-ATTESTATION", "x-nvidia-ver": "3.0", "x-nvidia-overall-att-result": True,
                   "iss": "https://ras.example", "iat": now, "nbf": now, "exp": now + 3600, "jti": "o", "eat_nonce": nonce,
                   "submods": {"GPU-0": ["DIGEST", ["SHA-256", hashlib.sha256(token.encode()).hexdigest()]]}}
        path = os.path.join(work, "theirs.json")
        with open(path, "w") as f:
            json.dump([["JWT", jwt.encode(overall, key, algorithm=alg, headers={"kid": "nv-1"})], {"GPU-0": token}], f)
        got = run(ASSAY, "token", "verify", path, "--key", os.path.join(work, "pub.pem"), "--nonce", nonce, *args)
        case(f"theirs: {name}", got.returncode == status, f"{got.returncode} {got.stdout.decode()} {got.stderr.decode()}")

    put("good")
    put("by its issuer", private, "ES384", None, 0, "--iss", "https://ras.example", "--expect", "1+0")
    put("another issuer", private, "ES384", None, 1, "--iss", "https://ras.example/")
    put("another key", other, "ES384", None, 1)
    put("HS256", "secret", "HS256", None, 3)
    put("expired", private, "ES384", lambda d: d.update(exp=now - 61), 1)
    put("no nonce compared", private, "ES384", lambda d: d.pop("x-nvidia-gpu-attestation-report-nonce-match"), 1)
    put("for an audience", private, "ES384", lambda d: d.update(aud="somebody"), 1)
    put("measures fail", private, "ES384", lambda d: d.update(measres="fail"), 1)
    put("text of other scripts", private, "ES384", lambda d: d.update(hwmodel="\u00e9\u202e\U0001f600"))


with tempfile.TemporaryDirectory() as work:
    private, public = keys()
    for name, text in (("key.pem", private), ("pub.pem", public)):
        with open(os.path.join(work, name), "wb") as f:
            f.write(text)
    ours(work, private, public)
    theirs(work, private, public)
print(f"{passed} passed, {failed} failed")
raise SystemExit(failed > 0)

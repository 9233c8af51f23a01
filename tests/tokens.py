"""Tokens as an authorization server would make them: three issuers, each with an algorithm of its own, and the file that tells their keys."""

import base64
import hashlib
import hmac
import itertools
import json
import subprocess

from client import stamp

numbers = itertools.count(1)
SECRET = b"0123456789abcdef0123456789abcdef"
# Issuer, algorithm and file of its key by a short name.
ISSUERS = {"hs": ("Cissuer", "HS256", "hs.key"), "es": ("/id-das/Ces", "ES256", "es.pem"), "rs": ("//das.example/id-das/Crs", "RS256", "rs.pem")}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*args, **more):
    return subprocess.run(["openssl", *args], check=True, capture_output=True, **more).stdout


def write_issuers(directory, **more):
    """Keys and the list of issuers; its path."""
    (directory / "hs.key").write_bytes(SECRET + b"\n")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", directory / "es.private")
    openssl("genrsa", "-out", directory / "rs.private", "2048")
    openssl("ec", "-in", directory / "es.private", "-pubout", "-out", directory / "es.pem")
    openssl("rsa", "-in", directory / "rs.private", "-pubout", "-out", directory / "rs.pem")
    file = directory / "issuers.json"
    file.write_text(json.dumps([{"issuer": issuer, "alg": alg, "key": key, **more.get(name, {})} for name, (issuer, alg, key) in ISSUERS.items()]))
    return file


def two_numbers(der):
    """What is in the DER of an ECDSA signature, as JWS has it."""
    out, at = b"", 2
    for _ in range(2):
        size = der[at + 1]
        out += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return out


def sign(name, data, directory):
    if name == "hs":
        return hmac.new(SECRET, data, hashlib.sha256).digest()
    made = openssl("dgst", "-sha256", "-sign", directory / f"{name}.private", input=data)
    return two_numbers(made) if name == "es" else made


def claims(holder, *permissions, issuer="hs", begin=-60, end=3600, **more):
    return {"vr": "1", "tkid": f"t{next(numbers)}@tokens.example", "tkhd": holder, "tkis": ISSUERS[issuer][0], "tknb": stamp(begin), "tkna": stamp(end), "tkps": {"pm": list(permissions)}, **more}


def permission(who, acop, *ris, **more):
    return {"pv": {"acr": [{"acor": [who], "acop": acop}]}, **({"ris": list(ris)} if ris else {}), **more}


def token(said, issuer="hs", directory=None, **header):
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    text = b64(json.dumps({"alg": ISSUERS[issuer][1], "typ": "JWT", **header}).encode()) + "." + b64(payload)
    return text + "." + b64(sign(issuer, text.encode(), directory))

"""Lets schemathesis speak as a registered device: every request gets the token and a proof of its own (RFC 9449).

COURRIER_TOKEN is the access token, without any other right than those of the person it stands for.
"""

import base64
import hashlib
import json
import os
import threading
import time
import uuid

import requests
import schemathesis
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

TOKEN = os.environ["COURRIER_TOKEN"]


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Device(requests.auth.AuthBase):
    """One registered key."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        point = self.key.public_key().public_numbers()
        self.jwk = {
            "kty": "EC",
            "crv": "P-256",
            "x": encode(point.x.to_bytes(32, "big")),
            "y": encode(point.y.to_bytes(32, "big")),
        }
        self.nonce = None
        self.id = None
        self.lock = threading.Lock()

    def proof(self, method, url):
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}
        claims = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": url.partition("?")[0],
            "iat": int(time.time()),
            "ath": encode(hashlib.sha256(TOKEN.encode()).digest()),
        }
        if self.nonce:
            claims["nonce"] = self.nonce
        signed = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def sign(self, request):
        request.headers["Authorization"] = f"Bearer {TOKEN}"
        request.headers["DPoP"] = self.proof(request.method, request.url)

    def __call__(self, request):
        self.sign(request)
        request.register_hook("response", self.again)
        return request

    def again(self, response, **options):
        """Takes the new nonce, and signs once more where the server wants it signed."""
        self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
        if response.status_code != 401 or b"use_dpop_nonce" not in response.content:
            return response
        response.close()
        request = response.request.copy()
        request.deregister_hook("response", self.again)
        self.sign(request)
        second = response.connection.send(request, **options)
        second.request = request
        return second

    def register(self, base_url):
        with self.lock:
            if self.id is None:
                answer = self.post(f"{base_url}/api/v1/devices", {"name": "schemathesis", "platform": "other"})
                answer.raise_for_status()
                self.id = answer.json()["id"]

    def post(self, url, body):
        """Sends it, and once more: a server may refuse before the body is there, and then close the connection over
        which the second try goes."""
        try:
            return requests.post(url, json=body, auth=self)
        except requests.ConnectionError:
            return requests.post(url, json=body, auth=self)


class TokenAlone(requests.auth.AuthBase):
    """A token and no proof."""

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {TOKEN}"
        return request


DEVICE = Device()


@schemathesis.hook
def before_call(context, case, kwargs):
    DEVICE.register(case.operation.base_url.rstrip("/"))
    # Revoking the device that asks would end the run: another one stands in for it.
    if case.method == "DELETE" and case.path_parameters and case.path_parameters.get("id") == DEVICE.id:
        case.path_parameters["id"] = str(uuid.uuid4())
    # Without the header it is a request that must be refused for having no proof.
    has_proof = any(name.lower() == "dpop" for name in case.headers or {})
    kwargs["auth"] = DEVICE if has_proof else TokenAlone()

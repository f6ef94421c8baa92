"""Which service a certificate comes from, by its ARN or by the resource that it refers to.

Domain functions: registered here, called by expressions through policy/functions.py.
"""

from __future__ import annotations

from ..expression.values import Value, all_references
from .decisions import Decision, domain_function, nothing, pieces, text

_MANAGED = frozenset({"aws_acm_certificate", "aws_acm_certificate_validation", "AWS::CertificateManager::Certificate"})
_UPLOADED = frozenset({"aws_iam_server_certificate", "AWS::IAM::ServerCertificate"})


@domain_function("is_managed_certificate", 1, 1)
def is_managed_certificate(certificate: Value) -> Decision:
    """Whether a certificate is one of Certificate Manager, and not left out or uploaded to IAM."""
    if nothing(certificate):
        return Decision(False, certificate)
    types = {resource.type for resource, _attribute in all_references(certificate)}
    if types & _UPLOADED:
        return Decision(False if not types & _MANAGED else None, certificate)
    if types & _MANAGED:
        return Decision(True, certificate)
    known = "".join(piece or "" for piece in pieces(certificate))
    if ":acm:" in known:
        return Decision(True, certificate)
    return Decision(False if ":iam:" in known or text(certificate) is not None else None, certificate)

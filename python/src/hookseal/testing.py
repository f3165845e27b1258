"""For the tests of applications: requests as vendors and forgers send them, and a receiver that records."""

from hookseal._native import RecordedRequest, Recorder, SignedRequest, signed_request

__all__ = ["RecordedRequest", "Recorder", "SignedRequest", "signed_request"]

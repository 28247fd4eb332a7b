"""The server that the contracts of buckets are checked on."""

from tests.s3_server import bucket, s3_program

__all__ = ["bucket", "s3_program"]

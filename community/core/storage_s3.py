"""Files in an S3-compatible store: ``s3://bucket/prefix?endpoint=https://s3.example&region=fr-par``.

Credentials come from the environment in the usual way (AWS_ACCESS_KEY_ID…, a profile, the machine's role). A content is
sent in parts and read in pieces; the store shows it when the last part is there, or never.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, quote, urlsplit

from community.core.storage import CHUNK, MissingFile, StorageDown, tidy_folder

PART = 8 * 1024 * 1024
SECONDS_SIGNED = 60
ATTEMPTS = 4


class S3Storage:
    """One bucket, or a part of it. boto3 is imported when there is such a store, and not before."""

    def __init__(self, url: str, scratch: Path) -> None:
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.bucket = parts.netloc
        self.prefix = parts.path.strip("/") + "/" if parts.path.strip("/") else ""
        self.endpoint, self.region = asked.get("endpoint"), asked.get("region")
        self.scratch = scratch
        self._client: Any = None

    @property
    def client(self) -> Any:
        if self._client is None:
            import boto3
            from botocore.config import Config

            config = Config(
                signature_version="s3v4",
                retries={"max_attempts": ATTEMPTS, "mode": "standard"},
                connect_timeout=5,
                read_timeout=30,
                s3={"addressing_style": "path" if self.endpoint else "auto"},
            )
            self._client = boto3.client("s3", endpoint_url=self.endpoint, region_name=self.region, config=config)
        return self._client

    def put(self, key: str, source: Path | BinaryIO, media_type: str = "") -> None:
        from boto3.s3.transfer import TransferConfig

        options = {"ContentType": media_type or "application/octet-stream"}
        transfer = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        name = self._name(key)
        with _told(key):
            if isinstance(source, Path):
                self.client.upload_file(str(source), self.bucket, name, ExtraArgs=options, Config=transfer)
            else:
                self.client.upload_fileobj(source, self.bucket, name, ExtraArgs=options, Config=transfer)

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if length == 0:
            self._head(key)
            return iter(())
        end = "" if length is None else start + length - 1
        whole = {} if start == 0 and length is None else {"Range": f"bytes={start}-{end}"}
        with _told(key):
            body = self.client.get_object(Bucket=self.bucket, Key=self._name(key), **whole)["Body"]
        return _pieces(body)

    def size(self, key: str) -> int:
        return self._head(key)["ContentLength"]

    def age(self, key: str) -> float:
        return (datetime.now(UTC) - self._head(key)["LastModified"]).total_seconds()

    def exists(self, key: str) -> bool:
        try:
            self._head(key)
        except MissingFile:
            return False
        return True

    def delete(self, key: str) -> None:
        with _told(key):
            self.client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix + prefix):
            for found in page.get("Contents", ()):
                yield found["Key"].removeprefix(self.prefix)

    def tidy(self, seconds: float) -> int:
        """Parts whose last one never came cost their place until somebody gives them up."""
        removed, before = tidy_folder(self.scratch, seconds), datetime.now(UTC).timestamp() - seconds
        found = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix)
        for begun in found.get("Uploads", ()):
            if begun["Initiated"].timestamp() < before:
                self.client.abort_multipart_upload(Bucket=self.bucket, Key=begun["Key"], UploadId=begun["UploadId"])
                removed += 1
        return removed

    def local_path(self, key: str) -> Path | None:
        return None

    def presigned(self, key: str, name: str, media_type: str) -> str | None:
        answer = {
            "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "ResponseContentType": media_type,
            "ResponseCacheControl": "private, no-store",
        }
        what = {"Bucket": self.bucket, "Key": self._name(key), **answer}
        return self.client.generate_presigned_url("get_object", Params=what, ExpiresIn=SECONDS_SIGNED)

    def _head(self, key: str) -> dict[str, Any]:
        with _told(key):
            return self.client.head_object(Bucket=self.bucket, Key=self._name(key))

    def _name(self, key: str) -> str:
        if key.startswith("/") or ".." in key.split("/"):
            raise ValueError(f"not a key: {key!r}")
        return self.prefix + key


def _pieces(body: Any) -> Iterator[bytes]:
    """The content, and the connection given back even when the reader leaves half-way."""
    try:
        yield from body.iter_chunks(CHUNK)
    finally:
        body.close()


@contextmanager
def _told(key: str) -> Iterator[None]:
    """The library's errors as ours: no such key, or a store that does not answer or refuses us."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        missing = code in ("404", "NoSuchKey", "NotFound")
        raise (MissingFile(key) if missing else StorageDown(code)) from error
    except (BotoCoreError, Boto3Error) as error:
        raise StorageDown(type(error).__name__) from error

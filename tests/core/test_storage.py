"""One protocol, two stores: a local folder and a real S3 API server answer alike; what put() returned from is whole."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from files import make_file, picture
from uploads import send

from community.core.storage import LocalStorage, MissingFile, Storage, StorageDown, open_storage

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def s3_endpoint():
    """A server that speaks S3's API, on this machine, for the tests of this file."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def credentials(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(params=["local", "s3"])
def store(request, tmp_path, credentials) -> Storage:
    if request.param == "local":
        yield open_storage(f"file:{tmp_path / 'un dossier'}")
        return
    endpoint = request.getfixturevalue("s3_endpoint")
    made = open_storage(f"s3://tests/site?endpoint={endpoint}&region=us-east-1", tmp_path / "scratch")
    made.client.create_bucket(Bucket="tests")
    yield made
    for key in list(made.keys()):
        made.delete(key)
    made.client.close()


def test_what_is_put_is_there_whole_and_in_parts(store, tmp_path):
    content = os.urandom(700_000)
    store.put("blobs/ab/abc", io.BytesIO(content), "application/pdf")
    assert b"".join(store.open("blobs/ab/abc")) == content
    assert b"".join(store.open("blobs/ab/abc", 600_000)) == content[600_000:]
    assert b"".join(store.open("blobs/ab/abc", 10, 300_000)) == content[10:300_010]
    assert b"".join(store.open("blobs/ab/abc", 0, 0)) == b""
    assert max(map(len, store.open("blobs/ab/abc"))) <= 256 * 1024
    assert store.size("blobs/ab/abc") == len(content)
    assert store.exists("blobs/ab/abc")
    assert 0 <= store.age("blobs/ab/abc") < 60
    path = tmp_path / "autre"
    path.write_bytes(b"neuf")
    store.put("blobs/ab/abc", path)
    assert b"".join(store.open("blobs/ab/abc")) == b"neuf"
    assert path.exists()


def test_what_is_not_there_is_said_before_the_first_byte(store):
    for ask in (store.open, store.size, store.age):
        with pytest.raises(MissingFile):
            ask("blobs/aa/absent")
    with pytest.raises(MissingFile):
        store.open("blobs/aa/absent", 0, 0)
    assert not store.exists("blobs/aa/absent")
    store.delete("blobs/aa/absent")


def test_keys_are_listed_and_removed(store):
    for key in ("blobs/aa/1", "blobs/bb/2", "previews/x/1.webp"):
        store.put(key, io.BytesIO(key.encode()))
    assert list(store.keys("blobs/")) == ["blobs/aa/1", "blobs/bb/2"]
    assert list(store.keys("blobs/b")) == ["blobs/bb/2"]
    store.delete("blobs/aa/1")
    assert sorted(store.keys()) == ["blobs/bb/2", "previews/x/1.webp"]


def test_a_key_does_not_climb_out(store):
    for key in ("../dehors", "/etc/passwd", "blobs/../../dehors"):
        with pytest.raises(ValueError):
            store.put(key, io.BytesIO(b"x"))


def test_a_large_content_goes_to_s3_in_parts_and_comes_back_signed(s3_endpoint, credentials, tmp_path):
    store = open_storage(f"s3://tests/site?endpoint={s3_endpoint}&region=us-east-1", tmp_path)
    store.client.create_bucket(Bucket="tests")
    content = os.urandom(9 * 1024 * 1024)
    (tmp_path / "gros").write_bytes(content)
    store.put("blobs/gr/gros", tmp_path / "gros", "application/pdf")
    assert store.client.head_object(Bucket="tests", Key="site/blobs/gr/gros")["ETag"].strip('"').endswith("-2")
    address = store.presigned("blobs/gr/gros", "Règlement.pdf", "application/pdf")
    assert address.startswith(s3_endpoint)
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.read() == content
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''R%C3%A8glement.pdf"
        assert answer.headers["Content-Type"] == "application/pdf"
    store.client.close()


def test_an_unfinished_transfer_to_s3_shows_nothing_and_is_given_up(s3_endpoint, credentials, tmp_path):
    store = open_storage(f"s3://tests/site?endpoint={s3_endpoint}&region=us-east-1", tmp_path)
    store.client.create_bucket(Bucket="tests")
    begun = store.client.create_multipart_upload(Bucket="tests", Key="site/blobs/ab/moitie")
    part = {"Bucket": "tests", "Key": "site/blobs/ab/moitie", "UploadId": begun["UploadId"], "PartNumber": 1}
    store.client.upload_part(Body=b"x" * 1000, **part)
    assert not store.exists("blobs/ab/moitie")
    assert store.tidy(3600) == 1, "the server of the tests says that everything began in 2010"
    assert not store.client.list_multipart_uploads(Bucket="tests").get("Uploads")
    store.client.close()


def test_a_store_that_does_not_answer_is_said_so(credentials, tmp_path, monkeypatch):
    monkeypatch.setattr("community.core.storage_s3.ATTEMPTS", 1)
    store = open_storage("s3://tests?endpoint=http://127.0.0.1:9&region=us-east-1", tmp_path)
    for ask in (lambda: store.size("a"), lambda: store.open("a"), lambda: store.put("a", io.BytesIO(b"x"))):
        with pytest.raises(StorageDown):
            ask()


def test_scratch_files_of_long_ago_go(tmp_path):
    store = LocalStorage(tmp_path)
    store.scratch.mkdir()
    (store.scratch / "vieux").write_bytes(b"x")
    (store.scratch / "neuf").write_bytes(b"x")
    os.utime(store.scratch / "vieux", (0, 0))
    assert store.tidy(3600) == 1
    assert [path.name for path in store.scratch.iterdir()] == ["neuf"]
    assert list(store.keys()) == [], "what is being received is no content"


#: puts contents as fast as it can and says each key that put() returned from
WRITER = """
import io, os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from community.core.storage import LocalStorage
store = LocalStorage(Path(sys.argv[1]))
for number in range(100000):
    store.put(f"blobs/{{number % 7:02}}/{{number}}", io.BytesIO(bytes([number % 251]) * 400_000))
    print(number, flush=True)
"""


def test_killed_while_writing_nothing_half_written_shows(tmp_path):
    for _round in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER.format(root=str(ROOT)), str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        first = writer.stdout.readline()
        time.sleep(0.15)
        writer.send_signal(signal.SIGKILL)
        rest, _none = writer.communicate(timeout=20)
        done = {int(line) for line in (first + rest).splitlines() if line.isdigit()}
        store = LocalStorage(tmp_path)
        keys = list(store.keys("blobs/"))
        assert {f"blobs/{number % 7:02}/{number}" for number in done} <= set(keys)
        for key in keys:
            content = b"".join(store.open(key))
            assert content == bytes([int(key.rpartition("/")[2]) % 251]) * 400_000, key


@pytest.fixture
def site_on_s3(app, s3_endpoint, credentials, tmp_path, monkeypatch):
    """The application with its files in S3, and downloads sent there."""
    from dataclasses import replace

    store = open_storage(f"s3://tests/entier?endpoint={s3_endpoint}&region=us-east-1", tmp_path / "scratch")
    store.client.create_bucket(Bucket="tests")
    monkeypatch.setitem(app.extensions, "storage", store)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], storage_redirect=True))
    yield store
    for key in list(store.keys()):
        store.delete(key)
    store.client.close()


def test_files_of_the_site_live_in_s3(site_on_s3, make, client_of, visitor, drain):
    """Sent, examined, drawn again, served: downloads from the store under a signed address, images from the site."""
    make.community("cantines")
    claire = make.member(communities={"cantines": "member"})
    document = send(client_of(claire), "Règlement.pdf", make_file("pdf")).json
    image = send(client_of(claire), "plan.png", picture("PNG")).json
    make.question(claire, body=f"Deux pièces : {document['markdown']} et {image['markdown']} pour vous.")
    assert len(list(site_on_s3.keys("blobs/"))) == 2
    drain()
    moved = visitor.get(document["url"])
    assert moved.status_code == 302
    assert moved.headers["Cache-Control"] == "private, no-store"
    with urllib.request.urlopen(moved.headers["Location"], timeout=20) as answer:
        assert answer.read() == make_file("pdf")
    shown = visitor.get(image["url"])
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert visitor.get(image["url"], headers={"Range": "bytes=0-7"}).data == b"\x89PNG\r\n\x1a\n"

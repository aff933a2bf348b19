"""Files of an application in buckets at the address that it is started with, with fsspec's s3fs and with obstore: what
they found, as JSON."""

import json
import sys

import obstore
import s3fs
from obstore.store import S3Store

LARGE = b"".join(number.to_bytes(4, "big") for number in range(3 << 20))
ADDRESS = sys.argv[1]
told = {}

fs = s3fs.S3FileSystem(endpoint_url=ADDRESS)
fs.mkdir("files")
with fs.open("files/a b/ü.txt", "wb") as file:
    file.write(b"hello")
with fs.open("files/large", "wb", block_size=5 << 20) as file:
    for start in range(0, len(LARGE), 1 << 20):
        file.write(LARGE[start : start + (1 << 20)])
told["found"] = fs.find("files")
told["sizes"] = [one["size"] for one in fs.ls("files", detail=True) if one["type"] == "file"]
with fs.open("files/large", "rb") as file:
    file.seek(5_000_000)
    told["middle"] = file.read(1000) == LARGE[5_000_000:5_001_000]
told["whole"] = fs.cat_file("files/large") == LARGE
told["etag"] = fs.info("files/large")["ETag"].endswith('-3"')
fs.pipe_file("files/log", b"one\n")
with fs.open("files/log", "ab") as file:
    file.write(b"two\n")
told["log"] = fs.cat_file("files/log").decode()
fs.mv("files/large", "files/moved")
fs.setxattr("files/moved", colour="red")
told["metadata"] = fs.metadata("files/moved")
told["tags"] = fs.put_tags("files/moved", {"team": "shop"}) or fs.get_tags("files/moved")
told["glob"] = fs.glob("files/**/*.txt")
told["url"] = fs.url("files/log").startswith(ADDRESS)

store = S3Store("files", endpoint=ADDRESS, client_options={"allow_http": True})
obstore.put(store, "rust/large", LARGE, chunk_size=5 << 20)
told["rust"] = bytes(obstore.get(store, "rust/large").bytes()) == LARGE
told["range"] = bytes(obstore.get_range(store, "rust/large", start=4, length=8)).hex()
try:
    obstore.put(store, "rust/large", b"x", mode="create")
except obstore.exceptions.AlreadyExistsError:
    told["once"] = True
obstore.rename(store, "rust/large", "rust/renamed")
told["listed"] = [one["path"] for page in obstore.list(store, prefix="rust") for one in page]
obstore.delete(store, ["rust/renamed"])

fs.invalidate_cache()
fs.rm("files", recursive=True)
told["gone"] = not fs.exists("files")
sys.stdout.write(json.dumps(told))

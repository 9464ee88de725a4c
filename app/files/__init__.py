"""Files of cases: bytes in a content-addressed store, a row for each use."""

from app.files.library import add, find_file, get_file, list_files, open_file, read_file, use_store
from app.files.names import clean_name, download_name
from app.files.store import FileStore

__all__ = ["FileStore", "add", "clean_name", "download_name", "find_file", "get_file", "list_files", "open_file",
           "read_file", "use_store"]

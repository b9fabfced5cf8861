"""Backend `sqlite`: one file, one writer thread, every acknowledged write on disk.

In: a directory. Out: a `Store` (`open_sqlite` in `backend`). Files: `lock` (one process), `schema` (the file's layout),
`rows` (one mutation as a row), `load` (file to memory), `database` (every SQL statement), `writer` (the thread),
`pipeline` (group commit), `backend`.
"""

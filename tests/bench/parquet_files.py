"""The tables as Parquet files, made of the CSV files by pyarrow as it writes by default, but in row groups of whole blocks."""

from __future__ import annotations

import pathlib

import data
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

GROUP_ROWS = 1 << 20  # as pyarrow has them
CODECS = {"parquet": "snappy", "zstd": "zstd"}
# The questions that pyarrow is asked.
READS = ("read", "columns", "numbers", "per cent", "stretch")


def stretch(rows: int) -> dict[str, int]:
    """The bounds of id6 between which a row in a hundred is."""
    many = max(rows // 100, 1)
    return {"low": many // 2, "high": many // 2 + max(many // 100, 1)}


def files(folder: pathlib.Path, rows: int, variant: data.Variant, kind: str, source: str) -> dict[str, pathlib.Path]:
    """The Parquet files of a set, made where they are missing. Of s1 they have a page index."""
    tables = {}
    for name, text in data.files(folder, rows, variant, "g1" if kind == "s1" else kind).items():
        path = tables[name] = folder / f"{kind}-{rows}-{variant.name}-{name}-{CODECS[source]}.parquet"
        if path.exists():
            continue
        print(f"  making {path.name} ...", flush=True)
        partial = path.with_suffix(".partial")
        convert(text, partial, CODECS[source], variant.names["id6"] if kind == "s1" else None)
        partial.rename(path)
    return tables


def convert(text: pathlib.Path, path: pathlib.Path, codec: str, order: str | None):
    """Writes the rows of a CSV file, in the order of a column where one is named."""
    how = pc.ConvertOptions(strings_can_be_null=True)
    if order is not None:
        table = pc.read_csv(text, convert_options=how).sort_by(order)
        pq.write_table(table, path, compression=codec, row_group_size=GROUP_ROWS, write_page_index=True)
        return
    with pc.open_csv(text, pc.ReadOptions(block_size=16 << 20), convert_options=how) as batches:
        with pq.ParquetWriter(path, batches.schema, compression=codec) as writer:
            rest = pa.Table.from_batches([], batches.schema)
            for batch in batches:
                rest = pa.concat_tables([rest, pa.Table.from_batches([batch])])
                if len(rest) >= GROUP_ROWS:
                    writer.write_table(rest.slice(0, GROUP_ROWS), row_group_size=GROUP_ROWS)
                    rest = rest.slice(GROUP_ROWS)
            if len(rest):
                writer.write_table(rest, row_group_size=GROUP_ROWS)

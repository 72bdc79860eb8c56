// Package source reads data split by split, and writes it.
//
//	paths ─► Open ─► Source ─► Splits ─► Split ─► Open(columns) ─► batch.Stream
//	                  │  sampled schema    │ newline-aligned bytes, row group, IPC batch
//	                  └ csv, parquet, arrow, ndjson, memory        batch.Stream ─► Write ─► file (renamed when whole)
//
// Invariants:
//  1. Only canonical types leave (see batch.Canonical), whatever the file has.
//  2. The splits of a source, in order, are all of its rows, each once, in file order. A split of a text file is whole
//     rows; its Span is exactly their bytes, after decompression.
//  3. Only the columns asked for are materialised.
//  4. A file that is bad anywhere gives an error that names it, after the good batches before; never a panic, never
//     silently other data.
//  5. A broken or cancelled stream leaves nothing running, mapped or open.
//
// Read source.go and open.go first; for the CSV reader csv.go, csv_split.go, then csv_parse.go.
package source

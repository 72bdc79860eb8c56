// Package parquet decodes columns of Parquet files: https://parquet.apache.org/docs/file-format.
//
//	file ─► Open ─► File: fields, row groups
//	                  │ Column(row group, field)
//	                  ▼
//	window ─► page header ─► page ─► decompress ─► levels, values ─► Next: an array of some rows
//
// What a footer, a page index or a bloom filter tells of values is in bounds.go, pageindex.go and bloom.go: who asks for it leaves out parts of
// the file. Column.Skip passes over rows, and over pages of which none is read; Column.Pick decodes single rows.
//
// A Column is read page by page: what it holds is one page, compressed and not, its dictionary and the array that it makes. Columns that
// lie in a group or repeat are read by Nested: leaf by leaf, and put together by their levels.
//
// Invariants:
//  1. Whatever bytes a file has, nothing panics, and no length that it claims is allocated before as many bytes have come that it may be true.
//  2. Bodies of pages lie in buffers in which slack more bytes can be read.
//  3. Values under a null are zero, texts under a null are empty.
//
// Read file.go and column.go first; encodings are in hybrid.go, delta.go, words.go, texts.go, texts_read.go and
// texts_spans.go, codecs in decompress.go and snappy.go.
package parquet

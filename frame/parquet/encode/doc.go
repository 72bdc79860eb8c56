// Package encode writes Parquet files: https://parquet.apache.org/docs/file-format.
//
//	record ─► Writer.Write ─► a goroutine a field:  shred ─► dense values, levels ─► page ─► compress ─► column chunk
//	                                                                                                      │ row group is full, Close
//	                                                                                                      ▼
//	                                     file: column chunks of row groups, bloom filters, page index, footer
//
// What a Writer holds is a row group, compressed, a page of each column that is not yet, and dictionaries.
//
// Invariants:
//  1. The bytes of a file depend on the records and the options, not on which goroutine was faster.
//  2. Minima and maxima are true of all values but NaN, in the order that the format gives to their type; a text that is cut is marked as inexact.
//  3. Pages begin with a row.
//  4. Where a Writer has failed or was dropped, no goroutine and no record is left.
//
// Read writer.go and column.go first; then page.go and dictionary.go; lists and structs are in shred.go.
package encode

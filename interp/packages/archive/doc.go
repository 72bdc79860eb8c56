// Package archive keeps named texts in one string that is embedded in the binary. Each is compressed by itself, so that
// reading one costs nothing for the others.
//
//	generator ──Write──► data/*.zst ──embed──► Open ──Get──► text
//
// The format: the number of entries, then for each its name, a note, the packed and the unpacked length, then all packed
// texts in the same order. Numbers are uvarints, strings are preceded by their length; texts are zstd frames.
// Read archive.go first.
package archive

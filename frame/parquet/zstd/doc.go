// Package zstd decompresses frames of Zstandard to memory of known size, which is what pages of Parquet files are.
//
//	Decode (frame.go)    frames, blocks as they are, checksums
//	  block.go           a compressed block
//	    literals.go      its literals, by codes of Huffman (huffman.go)
//	    sequences.go     its sequences, which copy literals and what came before; by tables of finite state entropy (tables.go, fse.go)
//
// Whatever src is, nothing outside dst is written, nothing outside src is read, and what is damaged is an error. The inner loops are in assembly for
// AMD64; each stops well before the end of anything, and before what is rare, which Go does. Nothing depends on which of them did it.
//
// The format is that of https://www.rfc-editor.org/rfc/rfc8878. Dictionaries are not known. A match may come from anywhere in its frame, though that
// is further than the window which the frame's header promises: all of it is in memory.
package zstd

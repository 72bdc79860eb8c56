//go:build !amd64

package batch

const wideRows = false

func rowsWide(idx []int32, words []uint64, row int) []int32 { return rowsOf(idx, words, row) }

func compress32(_, _ []uint32, _ []uint64) int { return 0 }

func compress64(_, _ []uint64, _ []uint64) int { return 0 }

func extract(out, in, mask []uint64) { extractBits(out, in, mask) }

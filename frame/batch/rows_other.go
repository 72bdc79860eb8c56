//go:build !amd64

package batch

const wideRows = false

func rowsWide(idx []int32, words []uint64, row int) []int32 { return rowsOf(idx, words, row) }

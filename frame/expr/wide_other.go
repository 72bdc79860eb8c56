//go:build !amd64

package expr

import "github.com/apache/arrow/go/v17/arrow/decimal128"

func wideFloats(BinaryOp, []float64, []float64, []float64) int { return 0 }

func wideProducts([]int64, []int64, int64) int { return 0 }

func wideConvert([]float64, []int64) int { return 0 }

func wideCompare[T number](BinaryOp, []T, T, []byte) int { return 0 }

func wideEqual[T number]([]T, []T, []byte, uint64) int { return 0 }

func wideLess[T number]([]T, []T, []byte, uint64) int { return 0 }

func wideTruths([]byte, []uint32, []uint32) int { return 0 }

func wideMembers([]byte, []int64, int64, []uint64) int { return 0 }

func wideFind([]byte, string) (int, bool) { return 0, false }

func wideShorts(BinaryOp, []int64, []int64, []int64) (int, int64) { return 0, 0 }

func wideLengths([]int64) (int, int64) { return 0, 0 }

func wideNarrow([]int64, []decimal128.Num) (int, int64, int64) { return 0, 0, 0 }

//go:build !amd64

package expr

func wideFloats(BinaryOp, []float64, []float64, []float64) int { return 0 }

func wideProducts([]int64, []int64, int64) int { return 0 }

func wideConvert([]float64, []int64) int { return 0 }

func wideCompare[T number](BinaryOp, []T, T, []byte) int { return 0 }

func wideEqual[T number]([]T, []T, []byte, uint64) int { return 0 }

func wideLess[T number]([]T, []T, []byte, uint64) int { return 0 }

func wideTruths([]byte, []uint32, []uint32) int { return 0 }

func wideMembers([]byte, []int64, int64, []uint64) int { return 0 }

func wideFind([]byte, string) (int, bool) { return 0, false }

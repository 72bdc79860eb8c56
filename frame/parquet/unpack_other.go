//go:build !amd64

package parquet

// wide says that nothing is done by vectors here.
const wide = false

// widestLane says that no width is unpacked by vectors here.
const widestLane = -1

func unpackWide([]uint32, []byte, int) int { return 0 }

func farthestWide([]uint32) (done int, most uint32) { return 0, 0 }

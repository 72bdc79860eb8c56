package parquet

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// widestLane is the widest number that lies within 32 bits wherever in a byte it begins.
const widestLane = 25

var wide = cpu.X86.HasAVX2

// lanes say where in the bytes of eight numbers those of each lie: the first four in a load at the start, the others in one at half.
type lanes struct {
	bytes  [2][16]byte // of each half's load, which come to each of its four lanes
	shifts [8]uint32
	mask   [8]uint32
	half   int
}

var laneTable = func() (table [widestLane + 1]lanes) {
	for width := range table {
		l := &table[width]
		l.half = 4 * width / 8
		for i := range 8 {
			bit := i*width - i/4*l.half*8
			for b := range 4 {
				l.bytes[i/4][i%4*4+b] = byte(bit/8 + b)
			}
			l.shifts[i] = uint32(bit % 8)
			l.mask[i] = 1<<width - 1
		}
	}
	return table
}()

// unpackWide unpacks groups of eight numbers, which begin at the start of data, and says how many groups it has done.
func unpackWide(out []uint32, data []byte, width int) int {
	groups := len(out) / 8
	if !wide || width == 0 || groups == 0 {
		return 0
	}
	_ = data[groups*width+slack-1]
	l := &laneTable[width]
	unpackAVX2(unsafe.Pointer(unsafe.SliceData(out)), unsafe.Pointer(unsafe.SliceData(data)), unsafe.Pointer(l), groups, width, l.half)
	return groups
}

//go:noescape
func unpackAVX2(out, data, lanes unsafe.Pointer, groups, width, half int)

// farthestWide is the greatest of so many numbers.
func farthestWide(numbers []uint32) (done int, most uint32) {
	done = len(numbers) &^ 15
	if !wide || done == 0 {
		return 0, 0
	}
	return done, farthestAVX2(unsafe.Pointer(unsafe.SliceData(numbers)), done)
}

//go:noescape
func farthestAVX2(numbers unsafe.Pointer, n int) uint32

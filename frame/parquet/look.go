package parquet

import "unsafe"

// lookStep is how many values are looked up in a step. Their loads wait neither for each other nor for comparisons with the size of the dictionary,
// which is compared with the greatest code of all.
const lookStep = 8

// lookUp gives the values of a dictionary that codes stand for, errCode where one stands for none.
func lookUp[W word](out, coding []W, codes []uint32) error {
	if len(codes) == 0 {
		return nil
	}
	if uint(farthest(codes)) >= uint(len(coding)) {
		return errCode
	}
	done := len(codes) &^ (lookStep - 1)
	base := unsafe.Pointer(unsafe.SliceData(coding))
	for at := 0; at < done; at += lookStep {
		c, to := (*[lookStep]uint32)(codes[at:]), (*[lookStep]W)(out[at:])
		to[0] = *valueAt[W](base, c[0])
		to[1] = *valueAt[W](base, c[1])
		to[2] = *valueAt[W](base, c[2])
		to[3] = *valueAt[W](base, c[3])
		to[4] = *valueAt[W](base, c[4])
		to[5] = *valueAt[W](base, c[5])
		to[6] = *valueAt[W](base, c[6])
		to[7] = *valueAt[W](base, c[7])
	}
	for i, c := range codes[done:] {
		out[done+i] = coding[c]
	}
	return nil
}

// choose gives the values whose numbers less base are in picks, in increasing order. As in lookUp no load waits for a comparison: where the first and the
// last are among the values, all are.
func choose[W word](out, values []W, picks []int32, base int32) {
	if len(picks) == 0 {
		return
	}
	_, _ = values[picks[0]-base], values[picks[len(picks)-1]-base]
	done := len(picks) &^ (lookStep - 1)
	from := unsafe.Pointer(unsafe.SliceData(values))
	for at := 0; at < done; at += lookStep {
		p, to := (*[lookStep]int32)(picks[at:]), (*[lookStep]W)(out[at:])
		to[0] = *valueAt[W](from, uint32(p[0]-base))
		to[1] = *valueAt[W](from, uint32(p[1]-base))
		to[2] = *valueAt[W](from, uint32(p[2]-base))
		to[3] = *valueAt[W](from, uint32(p[3]-base))
		to[4] = *valueAt[W](from, uint32(p[4]-base))
		to[5] = *valueAt[W](from, uint32(p[5]-base))
		to[6] = *valueAt[W](from, uint32(p[6]-base))
		to[7] = *valueAt[W](from, uint32(p[7]-base))
	}
	for i, p := range picks[done:] {
		out[done+i] = values[p-base]
	}
}

// valueAt is where a value of those at base lies.
func valueAt[W word](base unsafe.Pointer, code uint32) *W {
	return (*W)(unsafe.Add(base, uintptr(code)*unsafe.Sizeof(*(*W)(nil))))
}

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

// valueAt is where a value of those at base lies.
func valueAt[W word](base unsafe.Pointer, code uint32) *W {
	return (*W)(unsafe.Add(base, uintptr(code)*unsafe.Sizeof(*(*W)(nil))))
}

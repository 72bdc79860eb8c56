package kernel

import "unicode/utf8"

// byteOffset converts a cursor_pos, in Unicode code points since protocol 5.2, to bytes of code. What lies outside is
// moved to the nearest end.
func byteOffset(code string, points int) int {
	if points <= 0 {
		return 0
	}
	for i := range code {
		if points == 0 {
			return i
		}
		points--
	}
	return len(code)
}

// codePoints is the inverse of byteOffset.
func codePoints(code string, offset int) int {
	return utf8.RuneCountInString(code[:max(0, min(offset, len(code)))])
}

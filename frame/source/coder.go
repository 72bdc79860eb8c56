package source

// Coder is a source that holds text plain which it can code (see batch.IsCoded): that pays where rows are compared or moved by it.
type Coder interface {
	Source
	// Coded is the source with text columns coded, as far as their values repeat: the first who reads its splits codes them, for all readers
	// from then on. It is nil where none of them is plain, or it was found that they do not repeat.
	Coded(columns []string) Source
}

// Encoded tells whether s is Parquet files: their text comes coded where it repeats so much that who wrote them coded it.
func Encoded(s Source) bool {
	f, ok := filesOf(s)
	if !ok {
		return false
	}
	for _, in := range f.inputs {
		if _, parquet := in.(*parquetFile); !parquet {
			return false
		}
	}
	return true
}

package overlay

import "embed"

//go:embed */*.go
var files embed.FS

// Whole are the packages that the overlay replaces: their types are those of its source.
var Whole = map[string]string{"iter": "iter/iter.go"}

// Generic are the packages that are compiled but for their generic declarations, and where those are.
var Generic = map[string]string{
	"crypto/hkdf":   "hkdf/hkdf.go",
	"crypto/pbkdf2": "pbkdf2/pbkdf2.go",
	"database/sql":  "sql/null.go",
	"errors":        "errors/as.go",
	"hash/maphash":  "maphash/comparable.go",
	"math/rand/v2":  "rand/n.go",
	"reflect":       "reflect/generic.go",
	"runtime":       "runtime/cleanup.go",
	"sync":          "sync/once.go",
	"sync/atomic":   "atomic/pointer.go",
	"unique":        "unique/handle.go",
	"weak":          "weak/pointer.go",
}

// Read gives a file of Whole or Generic.
func Read(file string) string {
	text, err := files.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return string(text)
}

package packages

import (
	"go/token"
	"go/types"
	"strings"
	"testing"
)

func TestDoc(t *testing.T) {
	for _, c := range []struct{ path, symbol, begins string }{
		{"strings", "", "Package strings implements simple functions"},
		{"strings", "ToUpper", "ToUpper returns s with all Unicode letters"},
		{"strings", "Builder", "A Builder is used to efficiently build"},
		{"strings", "Builder.WriteString", "WriteString appends the contents of s"},
		{"net/http", "StatusTeapot", "RFC 9110, 15.5.19"},
		{"net/http", "Server.Addr", "Addr optionally specifies the TCP address"},
		{"net/http", "ErrUseLastResponse", "ErrUseLastResponse can be returned"},
		{"io", "Reader.Read", ""},
		{"io", "Reader", "Reader is the interface that wraps the basic Read method."},
		{"io/fs", "FileInfo.Size", "length in bytes"},
		{"time", "RFC3339", "These are predefined layouts"},
		{"slices", "SortFunc", "SortFunc sorts the slice x"},
		{"sync/atomic", "Pointer.Load", "Load atomically loads"},
		{"unsafe", "Pointer", "Pointer represents a pointer to an arbitrary type."},
		{"builtin", "append", "The append built-in function appends elements"},
		{"builtin", "error", "The error built-in interface type"},
		{"builtin", "iota", "iota is a predeclared identifier"},
		{"github.com/rivulet-go/rivulet/frame", "Col", "Col "},
		{"github.com/rivulet-go/rivulet/frame", "Frame.Filter", "Filter "},
		{"github.com/rivulet-go/rivulet/frame", "SetRunner", ""},
		{"strings", "nothing", ""},
		{"no/such", "X", ""},
	} {
		got := Doc(c.path, c.symbol)
		if !strings.HasPrefix(got, c.begins) || (c.begins == "") != (got == "") || strings.ContainsAny(got, "\x00") {
			t.Errorf("%s.%s: %.80q", c.path, c.symbol, got)
		}
	}
}

// Nearly everything has documentation: what a package exports without a comment is rare.
func TestDocsAreComplete(t *testing.T) {
	im := NewImporter(token.NewFileSet())
	documented, all := 0, 0
	for _, path := range Paths() {
		if Doc(path, "") == "" {
			t.Errorf("%s has no documentation", path)
		}
		if path == "syscall" || path == arrowPath {
			continue // tables of numbers, and a package of others
		}
		p, err := im.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range p.Scope().Names() {
			o := p.Scope().Lookup(name)
			if _, isConst := o.(*types.Const); isConst || !o.Exported() {
				continue
			}
			all++
			if Doc(path, name) != "" {
				documented++
			}
		}
	}
	if documented < all*97/100 || all < 3000 {
		t.Errorf("%d of %d symbols have documentation", documented, all)
	}
	t.Logf("%d of %d symbols have documentation", documented, all)
}

func BenchmarkDocFirst(b *testing.B) {
	for b.Loop() {
		documentation.Lock()
		clear(documentation.packages)
		documentation.Unlock()
		if Doc("net/http", "Server") == "" {
			b.Fatal("no documentation")
		}
	}
}

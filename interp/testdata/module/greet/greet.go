// Package greet is a module of somebody else's, for tests.
package greet

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"example.com/greet/internal/secret"
)

//go:embed words/hello.txt
var hello string

var (
	//go:embed words
	words embed.FS
	//go:embed "words/hello.txt"
	data []byte
)

// Count is set by an initialiser with an effect, then by init.
var Count = start()

var names = map[string]int{}

func start() int {
	names["start"] = 1
	return 41
}

func init() { Count++ }

// Started says whether the initialiser ran.
func Started() int { return names["start"] }

// Hello greets.
func Hello(name string) string {
	return fmt.Sprintf("%s, %s%s", strings.TrimSpace(hello), name, secret.Mark)
}

// Words are the names of the embedded files.
func Words() ([]string, error) {
	var list []string
	err := fs.WalkDir(words, ".", func(name string, d fs.DirEntry, err error) error {
		list = append(list, name)
		return err
	})
	return list, err
}

// Size is the number of embedded bytes.
func Size() int { return len(data) }

// Loops calls the closures that loops have made: those of Go 1.21 share the variables of a loop.
func Loops() []int {
	var calls []func() int
	for i := 0; i < 3; i++ {
		calls = append(calls, func() int { return i })
	}
	for i, v := range []int{7, 8, 9} {
		calls = append(calls, func() int { return 10*i + v })
	}
	for k := range map[int]bool{5: true} {
		calls = append(calls, func() int { return k })
	}
	for i, r := range "ab" {
		calls = append(calls, func() int { return i + int(r) })
	}
	var out []int
	for _, c := range calls {
		out = append(out, c())
	}
	return out
}

//go:build !unix

package memory

// Without mmap every block is Go memory.
func mapPages(int) []byte { return nil }

func unmapPages([]byte) {}

func populate([]byte) {}

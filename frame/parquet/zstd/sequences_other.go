//go:build !amd64

package zstd

func (s *sequences) runMost() (sequence, bool, error) { return sequence{}, false, nil }

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package module

import "os"

// tryLock has no lock to take: files still appear whole, two kernels may download the same one.
func tryLock(*os.File, bool) (bool, error) { return true, nil }

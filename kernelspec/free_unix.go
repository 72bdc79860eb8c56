//go:build unix

package kernelspec

import "golang.org/x/sys/unix"

// freeBytes is the space that an ordinary user may still write under dir.
func freeBytes(dir string) (int64, bool) {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return 0, false
	}
	return int64(stat.Bavail) * int64(stat.Bsize), true //nolint:unconvert // its type differs between systems
}

//go:build !amd64

package parquet

func unsnappyMost(_, _ []byte, done, at int) (nextDone, nextAt int) { return done, at }

package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"
)

// file is one entry of the wheel.
type file struct {
	name       string // with slashes
	data       []byte
	executable bool
}

// epoch is the time of all entries: the first that zip can express.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive writes files, and last the list of them with hashes and sizes under the name record.
func archive(w io.Writer, record string, files []file) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	var list bytes.Buffer
	rows := csv.NewWriter(&list)
	for _, f := range files {
		if err := add(z, f); err != nil {
			return err
		}
		sum := sha256.Sum256(f.data)
		row := []string{f.name, "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]), strconv.Itoa(len(f.data))}
		if err := rows.Write(row); err != nil {
			return err
		}
	}
	if err := rows.Write([]string{record, "", ""}); err != nil {
		return err
	}
	rows.Flush()
	if err := add(z, file{name: record, data: list.Bytes()}); err != nil {
		return err
	}
	return z.Close()
}

func add(z *zip.Writer, f file) error {
	head := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: epoch}
	head.SetMode(0o644)
	if f.executable {
		head.SetMode(0o755)
	}
	w, err := z.CreateHeader(head)
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	_, err = w.Write(f.data)
	return err
}

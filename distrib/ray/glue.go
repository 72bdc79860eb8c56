package ray

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
)

//go:embed glue/*.py
var glueFiles embed.FS

// glueArchive is the glue as a zip file that Python imports from.
func glueArchive() ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := addGlue(z); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func addGlue(z *zip.Writer) error {
	files, err := fs.Sub(glueFiles, "glue")
	if err != nil {
		return err
	}
	return z.AddFS(files)
}

// workerSource is the text of the module that runs in Ray's workers, and its version.
func workerSource() (source, version string, err error) {
	b, err := glueFiles.ReadFile("glue/worker.py")
	sum := sha256.Sum256(b)
	return string(b), hex.EncodeToString(sum[:8]), err
}

package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestVersions(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3":                      "1.2.3",
		"1.2.3":                       "1.2.3",
		"v1.2.3-dirty":                "1.2.3+dirty",
		"v1.2.3-4-gabcdef0":           "1.2.3.post4+gabcdef0",
		"v1.2.3-4-gabcdef0-dirty":     "1.2.3.post4+gabcdef0.dirty",
		"v0.3.0-rc.1":                 "0.3.0rc1",
		"v0.3.0-beta2-11-g0123456":    "0.3.0b2.post11+g0123456",
		"ea8d89d":                     "0+gea8d89d",
		"1234567":                     "0+g1234567",
		"ea8d89d-dirty":               "0+gea8d89d.dirty",
		"dev":                         "0+dev",
		"--":                          "0+unknown",
		"Some Branch_of-mine":         "0+some.branch.of.mine",
		"v2026.11-alpha.3-1-gfedcba9": "2026.11a3.post1+gfedcba9",
	} {
		if got := pep440(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestPack(t *testing.T) {
	folder := t.TempDir()
	binary, licence := filepath.Join(folder, "rivulet"), filepath.Join(folder, "LICENSE")
	for path, text := range map[string]string{binary: "\x7fELF and so on", licence: "terms"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(folder, "dist")
	path, err := pack(binary, "arm64", "v1.0.0", licence, out)
	if err != nil {
		t.Fatal(err)
	}
	if want := "rivulet_kernel-1.0.0-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl"; filepath.Base(path) != want {
		t.Errorf("name %s", filepath.Base(path))
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := entries(t, first)
	record := files["rivulet_kernel-1.0.0.dist-info/RECORD"]
	rows, err := csv.NewReader(bytes.NewReader(record.data)).ReadAll()
	if err != nil || len(rows) != len(files) {
		t.Fatalf("RECORD has %d rows for %d files: %v", len(rows), len(files), err)
	}
	for _, row := range rows {
		f, ok := files[row[0]]
		if !ok {
			t.Errorf("%s is in RECORD only", row[0])
		}
		sum := sha256.Sum256(f.data)
		hash := "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:])
		if isRecord := strings.HasSuffix(row[0], "/RECORD"); !isRecord && (row[1] != hash || row[2] != strconv.Itoa(len(f.data))) {
			t.Errorf("%s: %v", row[0], row[1:])
		}
	}
	if script := files["rivulet_kernel-1.0.0.data/scripts/rivulet"]; !script.executable || string(script.data) != "\x7fELF and so on" {
		t.Errorf("the binary: %+v", script)
	}
	spec := string(files["rivulet_kernel-1.0.0.data/data/share/jupyter/kernels/rivulet/kernel.json"].data)
	if !strings.Contains(spec, `"{resource_dir}/../../../../bin/rivulet"`) {
		t.Errorf("kernel.json:\n%s", spec)
	}
	settings := files["rivulet_kernel-1.0.0.data/data/etc/jupyter/labconfig/default_setting_overrides.d/rivulet-rivulet.json"]
	if !strings.Contains(string(settings.data), `"saveState": true`) {
		t.Errorf("settings: %s", settings.data)
	}
	if tags := string(files["rivulet_kernel-1.0.0.dist-info/WHEEL"].data); strings.Count(tags, "\nTag: py3-none-") != 3 {
		t.Errorf("WHEEL:\n%s", tags)
	}
	if _, err := pack(binary, "arm64", "v1.0.0", licence, out); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, first) {
		t.Errorf("the second wheel differs: %v", err)
	}
}

func entries(t *testing.T, wheel []byte) map[string]file {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(wheel), int64(len(wheel)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]file{}
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[entry.Name] = file{entry.Name, data, entry.Mode()&0o111 != 0}
	}
	return files
}

func TestPackRefuses(t *testing.T) {
	if _, err := pack("/nonexistent", "amd64", "dev", "LICENSE", t.TempDir()); err == nil {
		t.Error("a wheel without a binary")
	}
	if _, err := pack(os.Args[0], "wasm", "dev", "LICENSE", t.TempDir()); err == nil || !strings.Contains(err.Error(), "wasm") {
		t.Errorf("an unknown processor: %v", err)
	}
}

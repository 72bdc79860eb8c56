package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// distribution is the wheel's name; rivulet is another project's.
const distribution = "rivulet_kernel"

// platforms are the tags by GOARCH. A static binary needs no C library, so it runs wherever pip runs: beside glibc and
// beside musl.
var platforms = map[string]string{
	"amd64": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
	"arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
}

func main() {
	binary := flag.String("binary", "", "the static `file` to pack")
	arch := flag.String("arch", "amd64", "its GOARCH: amd64 or arm64")
	version := flag.String("version", "dev", "its version, as git describe prints it")
	licence := flag.String("license", "LICENSE", "the licence's `file`")
	out := flag.String("out", "dist", "the `folder` for the wheel")
	flag.Parse()
	path, err := pack(*binary, *arch, *version, *licence, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "wheel:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

// pack writes the wheel into the folder out, replacing one of the same name, and returns its path.
func pack(binary, arch, version, licence, out string) (string, error) {
	platform, ok := platforms[arch]
	if !ok {
		return "", fmt.Errorf("no platform tag for GOARCH %q", arch)
	}
	executable, err := os.ReadFile(binary)
	if err != nil {
		return "", err
	}
	terms, err := os.ReadFile(licence)
	if err != nil {
		return "", err
	}
	pep := pep440(version)
	files, err := contents(pep, platform, executable, terms)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(out, strings.Join([]string{distribution, pep, "py3", "none", platform}, "-")+".whl")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	err = errors.Join(archive(f, distInfo(pep)+"/RECORD", files), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(path))
	}
	return path, nil
}

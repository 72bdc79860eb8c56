package main

import (
	_ "embed"
	"strings"

	"github.com/rivulet-go/rivulet/kernelspec"
)

//go:embed rivulet_papermill.py
var papermill []byte

const description = `Summary: A Jupyter kernel for Go with a streaming dataframe engine
License-Expression: Apache-2.0
License-File: LICENSE
Requires-Python: >=3.8
Classifier: Framework :: Jupyter
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Go
Description-Content-Type: text/markdown

Install it into the environment of Jupyter: notebooks then offer the kernel Go (Rivulet). No Go toolchain is needed.
`

// entryPoints makes papermill load the module, which then knows how parameters are written.
const entryPoints = `[papermill.engine]
rivulet = rivulet_papermill:Engine
`

func distInfo(version string) string { return distribution + "-" + version + ".dist-info" }

// contents are the files of the wheel but its RECORD.
func contents(version, platform string, executable, licence []byte) ([]file, error) {
	data, info := distribution+"-"+version+".data", distInfo(version)
	files := []file{
		{name: "rivulet_papermill.py", data: papermill},
		{name: data + "/scripts/rivulet", data: executable, executable: true},
	}
	spec, err := kernelspec.Portable().Files()
	if err != nil {
		return nil, err
	}
	for _, f := range spec {
		files = append(files, file{name: data + "/data/share/jupyter/kernels/" + kernelspec.DefaultName + "/" + f.Name, data: f.Data})
	}
	settings := kernelspec.SavedWidgets()
	files = append(files, file{name: data + "/data/" + settings.Name, data: settings.Data})
	var tags strings.Builder
	for tag := range strings.SplitSeq(platform, ".") {
		tags.WriteString("Tag: py3-none-" + tag + "\n")
	}
	return append(files,
		file{name: info + "/METADATA", data: []byte("Metadata-Version: 2.4\nName: rivulet-kernel\nVersion: " + version + "\n" + description)},
		file{name: info + "/WHEEL", data: []byte("Wheel-Version: 1.0\nGenerator: rivulet\nRoot-Is-Purelib: false\n" + tags.String())},
		file{name: info + "/entry_points.txt", data: []byte(entryPoints)},
		file{name: info + "/licenses/LICENSE", data: licence},
	), nil
}

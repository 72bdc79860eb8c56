package display

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// encodeChart writes a drawing of so many series as PNG. Its colours are those of the series and black, mixed with white where
// edges are smoothed: as a palette they take a third of the bytes.
func encodeChart(drawn image.Image, series int) ([]byte, error) {
	m := image.NewRGBA(drawn.Bounds())
	draw.Draw(m, m.Bounds(), drawn, m.Bounds().Min, draw.Src)
	palette := chartPalette(series)
	out := image.NewPaletted(m.Bounds(), palette)
	known := map[[4]uint8]uint8{}
	var last [4]uint8 // most pixels are as the one before
	var index uint8
	for i := range out.Pix {
		if c := [4]uint8(m.Pix[4*i : 4*i+4]); c != last || i == 0 {
			found, ok := known[c]
			if !ok {
				found = uint8(palette.Index(color.RGBA{R: c[0], G: c[1], B: c[2], A: 255}))
				known[c] = found
			}
			last, index = c, found
		}
		out.Pix[i] = index
	}
	var buf bytes.Buffer
	err := png.Encode(&buf, out)
	return buf.Bytes(), err
}

// chartPalette is white, and as many steps from it to black and to each colour as 256 entries allow.
func chartPalette(series int) color.Palette {
	steps := min(255/(series+1), 24)
	p := color.Palette{color.RGBA{R: 255, G: 255, B: 255, A: 255}}
	mixed := func(c color.Color) {
		r, g, b, _ := c.RGBA()
		for k := 1; k <= steps; k++ {
			mix := func(v uint32) uint8 { return uint8(255 - (255-int(v>>8))*k/steps) }
			p = append(p, color.RGBA{R: mix(r), G: mix(g), B: mix(b), A: 255})
		}
	}
	mixed(color.Black)
	for i := range series {
		mixed(seriesColor(i, series))
	}
	return p
}

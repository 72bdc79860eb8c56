#include "textflag.h"

// The loops of decimals that fit 64 bits take eight rows a step. Beside what they compute they give the bits in which any result differs
// from its sign: what is left of such bits is how long the results are.

// LENGTHS adds the bits of Y0 and Y1 to Y7; Y6 is zero.
#define LENGTHS \
	VPCMPGTQ Y0, Y6, Y2 \
	VPCMPGTQ Y1, Y6, Y3 \
	VPXOR    Y0, Y2, Y2 \
	VPXOR    Y1, Y3, Y3 \
	VPOR     Y2, Y7, Y7 \
	VPOR     Y3, Y7, Y7

// FOLD puts the bits of all rows into one word.
#define FOLD(ALL, HALF, WORD) \
	VEXTRACTI128 $1, ALL, X0 \
	VPOR         X0, HALF, HALF \
	VPSHUFD      $0x4e, HALF, X0 \
	VPOR         X0, HALF, HALF \
	VMOVQ        HALF, WORD

// TILE computes out[i] = x[i] OP y[i].
#define TILE(OP) \
	MOVQ  out+0(FP), DI \
	MOVQ  x+8(FP), SI \
	MOVQ  y+16(FP), DX \
	MOVQ  n+24(FP), CX \
	VPXOR Y6, Y6, Y6 \
	VPXOR Y7, Y7, Y7 \
loop: \
	VMOVDQU (SI), Y0 \
	VMOVDQU 32(SI), Y1 \
	OP      (DX), Y0, Y0 \
	OP      32(DX), Y1, Y1 \
	VMOVDQU Y0, (DI) \
	VMOVDQU Y1, 32(DI) \
	LENGTHS \
	ADDQ    $64, SI \
	ADDQ    $64, DX \
	ADDQ    $64, DI \
	SUBQ    $8, CX \
	JNZ     loop \
	FOLD(Y7, X7, AX) \
	MOVQ    AX, all+32(FP) \
	VZEROUPPER \
	RET

// func addShortsAVX2(out, x, y unsafe.Pointer, n int) (all int64)
TEXT ·addShortsAVX2(SB), NOSPLIT, $0-40
	TILE(VPADDQ)

// func subtractShortsAVX2(out, x, y unsafe.Pointer, n int) (all int64)
TEXT ·subtractShortsAVX2(SB), NOSPLIT, $0-40
	TILE(VPSUBQ)

// func multiplyShortsAVX2(out, x, y unsafe.Pointer, n int) (all int64)
//
// The factors fit 32 bits.
TEXT ·multiplyShortsAVX2(SB), NOSPLIT, $0-40
	TILE(VPMULDQ)

// func lengthsAVX2(x unsafe.Pointer, n int) (all int64)
TEXT ·lengthsAVX2(SB), NOSPLIT, $0-24
	MOVQ  x+0(FP), SI
	MOVQ  n+8(FP), CX
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	LENGTHS
	ADDQ    $64, SI
	SUBQ    $8, CX
	JNZ     loop
	FOLD(Y7, X7, AX)
	MOVQ    AX, all+16(FP)
	VZEROUPPER
	RET

// NARROW takes two pairs of decimals, low words before high ones: LOW gets the low words in their order, Y7 their bits, and Y8 those bits in
// which high words are not the signs of low ones.
#define NARROW(AT, LOW) \
	VMOVDQU     AT(SI), Y0 \
	VMOVDQU     (AT+32)(SI), Y1 \
	VPUNPCKLQDQ Y1, Y0, LOW \
	VPUNPCKHQDQ Y1, Y0, Y3 \
	VPCMPGTQ    LOW, Y6, Y2 \
	VPXOR       Y2, Y3, Y3 \
	VPOR        Y3, Y8, Y8 \
	VPXOR       LOW, Y2, Y2 \
	VPOR        Y2, Y7, Y7 \
	VPERMQ      $0xd8, LOW, LOW

// func narrowAVX2(out, x unsafe.Pointer, n int) (all, wrong int64)
TEXT ·narrowAVX2(SB), NOSPLIT, $0-40
	MOVQ  out+0(FP), DI
	MOVQ  x+8(FP), SI
	MOVQ  n+16(FP), CX
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	VPXOR Y8, Y8, Y8

loop:
	NARROW(0, Y4)
	NARROW(64, Y5)
	VMOVDQU Y4, (DI)
	VMOVDQU Y5, 32(DI)
	ADDQ    $128, SI
	ADDQ    $64, DI
	SUBQ    $8, CX
	JNZ     loop
	FOLD(Y7, X7, AX)
	MOVQ    AX, all+24(FP)
	FOLD(Y8, X8, AX)
	MOVQ    AX, wrong+32(FP)
	VZEROUPPER
	RET

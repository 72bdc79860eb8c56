#include "textflag.h"

// func rowsAVX2(dst, bitmap, table unsafe.Pointer, n int, row int32) (count int)
TEXT ·rowsAVX2(SB), NOSPLIT, $0-48
	MOVQ         dst+0(FP), DI
	MOVQ         bitmap+8(FP), SI
	MOVQ         table+16(FP), R8
	MOVQ         n+24(FP), CX
	MOVL         row+32(FP), AX
	MOVQ         AX, X1
	VPBROADCASTD X1, Y1
	MOVQ         $8, AX
	MOVQ         AX, X2
	VPBROADCASTD X2, Y2
	MOVQ         DI, DX

loop:
	MOVBLZX   (SI), AX
	POPCNTL   AX, BX
	VPMOVZXBD (R8)(AX*8), Y0 // which bits of the byte are set, in order
	VPADDD    Y1, Y0, Y0
	VPADDD    Y2, Y1, Y1
	VMOVDQU   Y0, (DI)
	LEAQ      (DI)(BX*4), DI
	INCQ      SI
	DECQ      CX
	JNZ       loop

	VZEROUPPER
	SUBQ DX, DI
	SHRQ $2, DI
	MOVQ DI, count+40(FP)
	RET

// func compress32AVX2(dst, src, mask, table unsafe.Pointer, n int) (count int)
TEXT ·compress32AVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ mask+16(FP), R9
	MOVQ table+24(FP), R8
	MOVQ n+32(FP), CX
	MOVQ DI, DX

word:
	MOVQ  (R9), R10
	TESTQ R10, R10
	JZ    skip
	XORQ  R11, R11

eight:
	MOVBLZX   R10, AX
	POPCNTL   AX, BX
	VPMOVZXBD (R8)(AX*8), Y0 // which bits of the byte are set, in order
	VPERMD    (SI)(R11*4), Y0, Y0
	VMOVDQU   Y0, (DI)
	LEAQ      (DI)(BX*4), DI
	SHRQ      $8, R10
	ADDQ      $8, R11
	CMPQ      R11, $64
	JNE       eight

skip:
	ADDQ $256, SI
	ADDQ $8, R9
	DECQ CX
	JNZ  word

	VZEROUPPER
	SUBQ DX, DI
	SHRQ $2, DI
	MOVQ DI, count+40(FP)
	RET

// func compress64AVX2(dst, src, mask, table unsafe.Pointer, n int) (count int)
TEXT ·compress64AVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ mask+16(FP), R9
	MOVQ table+24(FP), R8
	MOVQ n+32(FP), CX
	MOVQ DI, DX

word:
	MOVQ  (R9), R10
	TESTQ R10, R10
	JZ    skip
	XORQ  R11, R11

four:
	MOVL    R10, AX
	ANDL    $15, AX
	POPCNTL AX, BX
	SHLL    $5, AX
	VMOVDQU (R8)(AX*1), Y0 // which of the four bits are set, in order
	VPERMD  (SI)(R11*8), Y0, Y0
	VMOVDQU Y0, (DI)
	LEAQ    (DI)(BX*8), DI
	SHRQ    $4, R10
	ADDQ    $4, R11
	CMPQ    R11, $64
	JNE     four

skip:
	ADDQ $512, SI
	ADDQ $8, R9
	DECQ CX
	JNZ  word

	VZEROUPPER
	SUBQ DX, DI
	SHRQ $3, DI
	MOVQ DI, count+40(FP)
	RET

// func extractBMI2(dst, src, mask unsafe.Pointer, n int)
TEXT ·extractBMI2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ mask+16(FP), R9
	MOVQ n+24(FP), R8
	XORQ DX, DX // the bits of the word to be written
	XORQ CX, CX // how many they are

loop:
	MOVQ    (R9), R10
	MOVQ    (SI), AX
	PEXTQ   R10, AX, AX
	POPCNTQ R10, BX
	SHLXQ   CX, AX, R11
	ORQ     R11, DX
	ADDQ    BX, CX
	CMPQ    CX, $64
	JLT     next
	MOVQ    DX, (DI)
	ADDQ    $8, DI
	SUBQ    $64, CX

	// The last CX of the BX bits are those of the next word. A shift by 64 would be one by none.
	SUBQ  CX, BX
	SHRXQ BX, AX, DX
	CMPQ  BX, $64
	JNE   next
	XORQ  DX, DX

next:
	ADDQ $8, SI
	ADDQ $8, R9
	DECQ R8
	JNZ  loop

	MOVQ DX, (DI)
	RET

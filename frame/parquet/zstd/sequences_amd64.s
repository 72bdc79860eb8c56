#include "go_asm.h"
#include "textflag.h"

// func runSequences(s *sequences, q *sequence, periods *periodTable) (how int)
//
// What a sequence takes of its stream is loaded at once, before it is known how much that is: three numbers, and below them what leads to the next
// states. A sequence can't begin before the states of the one before are known; what is copied goes on beside that. Sixteen bytes are copied whatever
// the length, and more where it is greater.
//
// BX are the tables, R8, R9 and R10 the states of literals, matches and offsets, and SI is where the highest bit is that comes next, counted from
// address 0. DI is where the next bytes go, BP are the literals, R11, R12 and R13 the recent distances.
TEXT ·runSequences(SB), NOSPLIT, $48-32
	MOVQ s+0(FP), AX
	MOVQ sequences_tables(AX), BX
	MOVQ sequences_count(AX), CX
	DECQ CX
	MOVQ CX, count-8(SP)
	MOVQ sequences_states+0(AX), R8
	MOVQ sequences_states+8(AX), R9
	MOVQ sequences_states+16(AX), R10
	MOVQ sequences_src(AX), CX
	LEAQ -1(CX*8), SI
	LEAQ 64(SI), CX
	MOVQ CX, leastBit-16(SP) // the first from which eight bytes can be loaded
	ADDQ sequences_left(AX), SI
	MOVL sequences_recent+0(AX), R11
	MOVL sequences_recent+4(AX), R12
	MOVL sequences_recent+8(AX), R13
	MOVQ sequences_dst(AX), DI
	MOVQ DI, dst-24(SP)
	MOVQ (sequences_dst+8)(AX), CX
	LEAQ -const_margin(DI)(CX*1), CX
	MOVQ CX, dstMost-32(SP) // the last place where a sequence may end
	ADDQ sequences_done(AX), DI
	MOVQ sequences_literals(AX), BP
	MOVQ (sequences_literals+8)(AX), CX
	ADDQ BP, CX
	MOVQ CX, literalsEnd-40(SP)
	ADDQ sequences_taken(AX), BP

next:
	CMPQ SI, leastBit-16(SP)
	JLT  stopped

	// Both sums of bits at once, and then all of them, which may be no more than a load is sure to have. The states of literals are known last.
	MOVL    tables_offsets(BX)(R10*8), AX
	ADDL    tables_matches(BX)(R9*8), AX
	ADDL    tables_literals(BX)(R8*8), AX
	MOVBLZX AL, DX
	MOVBLZX AH, CX
	ADDL    DX, CX
	CMPL    CX, $57
	JHI     stopped

	// The lowest bits of AX are what the sequence takes.
	MOVQ  SI, R15
	SHRQ  $3, R15
	MOVL  SI, AX
	NOTL  AX
	ANDL  $7, AX
	SHLXQ AX, -7(R15), AX
	SUBQ  CX, SI
	ROLQ  CX, AX

	// The next states.
	MOVQ  tables_literals(BX)(R8*8), CX
	MOVQ  tables_matches(BX)(R9*8), DX
	MOVQ  tables_offsets(BX)(R10*8), R15
	BZHIQ   R15, AX, R14
	SHRXQ   R15, AX, AX
	MOVWLZX (tables_offsets+2)(BX)(R10*8), R10
	ADDL    R14, R10
	BZHIQ   DX, AX, R14
	SHRXQ   DX, AX, AX
	MOVWLZX (tables_matches+2)(BX)(R9*8), R9
	ADDL    R14, R9
	BZHIQ   CX, AX, R14
	SHRXQ   CX, AX, AX
	MOVWLZX (tables_literals+2)(BX)(R8*8), R8
	ADDL    R14, R8

	// The numbers: CX literals, a match of DX bytes, and the offset R15.
	SHRQ  $8, CX
	BZHIQ CX, AX, R14
	SHRXQ CX, AX, AX
	SHRQ  $24, CX
	ADDL  R14, CX
	SHRQ  $8, DX
	BZHIQ DX, AX, R14
	SHRXQ DX, AX, AX
	SHRQ  $24, DX
	ADDL  R14, DX
	SHRQ  $8, R15
	BZHIQ R15, AX, R14
	SHRQ  $24, R15
	ADDL  R14, R15

	LEAQ (BP)(CX*1), AX
	CMPQ AX, literalsEnd-40(SP)
	JHI  decoded
	LEAQ (DI)(CX*1), AX
	ADDQ DX, AX
	CMPQ AX, dstMost-32(SP)
	JHI  decoded

	// A new distance or none, which is the first of the recent ones, are as likely: which it is isn't branched on.
	LEAL    -const_recentOffsets(R15), R14
	CMPL    R15, $const_recentOffsets
	CMOVLHI R12, R13
	CMOVLHI R11, R12
	CMOVLHI R14, R11
	CMPL    CX, $1
	ADCL    $0, R15
	SUBL    $2, R15
	CMPL    R15, $2
	JLS     recent

copy:
	VMOVDQU (BP), X0
	VMOVDQU X0, (DI)
	CMPL    CX, $16
	JHI     longLiterals

copied:
	ADDQ  CX, DI
	ADDQ  CX, BP
	MOVQ  DI, AX
	SUBQ    R11, AX
	JCS     damaged
	CMPQ    AX, dst-24(SP)
	JCS     damaged
	CMPL    R11, $16
	JCS     close
	VMOVDQU (AX), X0
	VMOVDQU X0, (DI)
	CMPL    DX, $16
	JHI     longMatch

matched:
	ADDQ DX, DI

executed:
	DECQ count-8(SP)
	JNE  next

stopped:
	MOVL $const_runStopped, AX
	JMP  end

longLiterals:
	VMOVDQU 16(BP), X0
	VMOVDQU X0, 16(DI)
	MOVL    $32, AX
	CMPL    CX, AX
	JLS     copied

moreLiterals:
	VMOVDQU (BP)(AX*1), Y0
	VMOVDQU Y0, (DI)(AX*1)
	ADDL    $32, AX
	CMPL    AX, CX
	JCS     moreLiterals
	JMP     copied

longMatch:
	MOVL $16, R14
	CMPL R11, $32
	JCS  nearMatch

moreMatch:
	VMOVDQU (AX)(R14*1), Y0
	VMOVDQU Y0, (DI)(R14*1)
	ADDL    $32, R14
	CMPL    R14, DX
	JCS     moreMatch
	JMP     matched

nearMatch:
	VMOVDQU (AX)(R14*1), X0
	VMOVDQU X0, (DI)(R14*1)
	ADDL    $16, R14
	CMPL    R14, DX
	JCS     nearMatch
	JMP     matched

close:
	// The bytes that repeat are spread over sixteen, which are stored as often as needed, each time whole periods further.
	MOVQ  periods+16(FP), R14
	MOVL    R11, R15
	SHLL    $4, R15
	VMOVDQU (AX), X0
	VPSHUFB (periodTable_spread)(R14)(R15*1), X0, X0
	MOVQ  periodTable_whole(R14)(R11*8), AX
	ADDQ  DI, DX

again:
	VMOVDQU X0, (DI)
	ADDQ  AX, DI
	CMPQ    DI, DX
	JCS     again
	MOVQ  DX, DI
	JMP     executed

recent:
	// One of the recent distances: R15 is 0 for the second, 1 for the third and 2 for one less than the first, unless R14 is a new one.
	TESTL R14, R14
	JGT   copy
	CMPL  R15, $1
	MOVL  R12, R14
	JCS   second
	MOVL  R13, R14
	JEQ   third
	LEAL  -1(R11), R14
	TESTL R14, R14
	JEQ   damaged

third:
	MOVL R12, R13

second:
	MOVL R11, R12
	MOVL R14, R11
	JMP  copy

damaged:
	MOVL $const_runDamaged, AX
	JMP  end

decoded:
	DECQ count-8(SP)
	MOVQ q+8(FP), AX
	MOVL CX, sequence_literals(AX)
	MOVL DX, sequence_match(AX)
	MOVL R15, sequence_offset(AX)
	MOVL $const_runDecoded, AX

end:
	MOVQ s+0(FP), CX
	MOVQ count-8(SP), DX
	INCQ DX
	MOVQ DX, sequences_count(CX)
	MOVQ R8, sequences_states+0(CX)
	MOVQ R9, sequences_states+8(CX)
	MOVQ R10, sequences_states+16(CX)
	SUBQ leastBit-16(SP), SI
	ADDQ $64, SI
	MOVQ SI, sequences_left(CX)
	MOVL R11, sequences_recent+0(CX)
	MOVL R12, sequences_recent+4(CX)
	MOVL R13, sequences_recent+8(CX)
	SUBQ dst-24(SP), DI
	MOVQ DI, sequences_done(CX)
	SUBQ sequences_literals(CX), BP
	MOVQ BP, sequences_taken(CX)
	MOVQ AX, how+24(FP)
	VZEROUPPER
	RET

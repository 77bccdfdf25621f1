; Task switches by JMP, CALL, INT, a fault and IRET between 32- and 16-bit tasks, and everything that can be wrong with a task: SDM volume
; 3, chapter 8 (7 in older editions), tables 7-1 and 7-2.
%include "kernel/kernel.inc"

TSS_B equ SPARE                         ; a 32-bit task
TSS_C equ SPARE + 8                     ; a 16-bit task
GATE_B equ SPARE + 16
GATE_C equ SPARE + 24
LDT_B equ SPARE + 32
BAD equ SPARE + 40                      ; whatever a test puts there
GATE3 equ SPARE + 48                    ; a task gate of ring 3

; Offsets in a 32-bit TSS,
LINK equ 0
ESP0 equ 4
CR3_ equ 28
EIP_ equ 32
EFLAGS_ equ 36
EAX_ equ 40
EBX_ equ 52
ESP_ equ 56
ES_ equ 72
CS_ equ 76
SS_SEL equ 80
DS_ equ 84
FS_ equ 88
LDT_ equ 96
TRAP equ 100
; and in a 16-bit one.
IP_16 equ 14
FLAGS_16 equ 16
AX_16 equ 18
SP_16 equ 26
ES_16 equ 34
CS_16 equ 36
SS_16 equ 38
DS_16 equ 40
LDT_16 equ 42

; Everything as at the beginning; task B begins at %1, task C in section .low at %2.
%macro fresh 1-2 0
        mov dword [entry_b], %1
        mov word [entry_c], %2
        call reset_tasks
%endmacro
%macro access_is 3                      ; name, selector, access byte
        movzx eax, byte [gdt + (%2) + 5]
        equal %1, eax, %3
%endmacro
%macro running_is 2
        xor eax, eax
        str ax
        equal %1, eax, %2
%endmacro
; The task switch failed before it began: the frame's task is the old one.
%macro still_old 1
        %strcat %%name %1, ": still the old task"
        running_is %%name, TSS0
%endmacro
; It failed in the new task, before its first instruction.
%macro already_new 1
        %strcat %%name %1, ": in the new task"
        running_is %%name, TSS_B
        %strcat %%name2 %1, ": at its first instruction"
        equal %%name2, [seen_eip], [entry_b]
%endmacro

main:
; ---- JMP
        fresh arrival
        attempt
        mov ebx, 0b0b0b0b0h
        push dword F_IF | F_CF | 2
        popfd
        jmp TSS_B:12345678h
.back:
        raised "JMP to a 32-bit task", 30h, NONE
        equal "it begins at its EIP", [seen_eip], arrival_next
        equal "with its registers", [seen_eax], 0aaaaaaaah
        mov eax, [seen_eflags]
        and eax, F_NT | F_IF | F_CF
        equal "and flags, NT clear", eax, F_CF
        running_is "TR is the new task's", TSS_B
        access_is "the old task is available", TSS0, PRESENT | T_TSS32
        access_is "the new task is busy", TSS_B, PRESENT | T_TSS32_BUSY
        equal "the old EIP", [tss + EIP_], .back
        mov eax, [tss + EFLAGS_]
        and eax, F_NT | F_IF | F_CF
        equal "the old flags", eax, F_IF | F_CF
        equal "the old EBX", [tss + EBX_], 0b0b0b0b0h
        equal "the old ESP", [tss + ESP_], [recover_esp]
        movzx eax, word [tss + CS_]
        equal "the old CS", eax, CODE0
        equal "JMP leaves no link", [tss_b + LINK], 0eeeeh
        mov eax, cr0
        and eax, 8
        equal "CR0.TS is set", eax, 8
        fresh jump_home
        attempt
        mov ebx, 77h
        jmp TSS_B:0
.home:
        int 30h
        returned "JMP there and JMP back"
        equal "EBX is as before", ebx, 77h
        running_is "TR is the old one", TSS0
        access_is "JMP back: the first task is busy", TSS0, PRESENT | T_TSS32_BUSY
        access_is "JMP back: the second is available", TSS_B, PRESENT | T_TSS32
        fresh 0, low_arrival
        attempt
        jmp TSS_C:0
.back16:
        raised "JMP to a 16-bit task", 30h, NONE
        movzx eax, word [seen_cs]
        equal "its CS", eax, CODE16
        movzx eax, word [seen_eax]
        equal "its AX", eax, 0cccch
        movzx eax, word [seen_esp]
        equal "its SP", eax, LOW_STACK
        access_is "a busy 16-bit task", TSS_C, PRESENT | T_TSS16_BUSY

; ---- CALL and IRET
        fresh arrival
        attempt
        push dword F_IF | 2
        popfd
        call TSS_B:0
        raised "CALL of a task", 30h, NONE
        movzx eax, word [tss_b + LINK]
        equal "its link", eax, TSS0
        mov eax, [seen_eflags]
        and eax, F_NT | F_IF
        equal "its NT", eax, F_NT
        access_is "the caller stays busy", TSS0, PRESENT | T_TSS32_BUSY
        access_is "the called is busy", TSS_B, PRESENT | T_TSS32_BUSY
        equal "nothing was pushed", [tss + ESP_], [recover_esp]
        fresh return_home
        attempt
        mov ebx, 99h
        push dword F_CF | 2
        popfd
        call TSS_B:0
        pushfd
        pop ecx
        int 30h
        returned "CALL and IRET"
        equal "EBX after IRET", ebx, 99h
        and ecx, F_NT | F_CF
        equal "the caller's flags", ecx, F_CF
        running_is "the caller runs", TSS0
        access_is "IRET: the task is available", TSS_B, PRESENT | T_TSS32
        access_is "IRET: the caller is busy", TSS0, PRESENT | T_TSS32_BUSY
        mov eax, [tss_b + EFLAGS_]
        and eax, F_NT
        equal "IRET clears NT in the image that it leaves", eax, 0
        equal "IRET saves its own next EIP", [tss_b + EIP_], return_home_next
        fresh 0, low_return
        attempt
        mov ebx, 99999999h
        call TSS_C:0
        int 30h
        returned "CALL of a 16-bit task and its IRET"
        equal "EBX comes back whole", ebx, 99999999h
        movzx eax, word [tss_c + LINK]
        equal "a 16-bit link", eax, TSS0
        movzx eax, word [tss_c + IP_16]
        equal "the 16-bit IP", eax, low_return_next
        fresh nested, low_return
        attempt
        call TSS_B:0
        int 30h
        returned "three tasks, each called by the last"
        equal "the second called the third", [nested_mark], 1

; ---- by task gates
        fresh return_home
        attempt
        call GATE_B:0
        int 30h
        returned "CALL through a task gate"
        fresh 0, low_arrival
        attempt
        jmp GATE_C:0
        raised "JMP through a task gate to a 16-bit task", 30h, NONE
        fresh return_home
        idt_gate 32h, TSS_B, 0, PRESENT | T_TASK
        attempt
        int 32h
        int 30h
        returned "INT through a task gate"
        movzx eax, word [tss_b + LINK]
        equal "INT links", eax, TSS0
        fresh 0, low_return
        idt_gate 32h, TSS_C, 0, PRESENT | T_TASK
        attempt
        int 32h
        int 30h
        returned "INT through a task gate to a 16-bit task"
        fresh arrival
        idt_gate E_NP, TSS_B, 0, PRESENT | T_TASK
        mov byte [gdt + BAD + 5], DATA_RW
        attempt
        mov ax, BAD
.faults:
        mov fs, ax
        raised "a fault through a task gate", 30h, NONE
        equal "the faulting EIP is in the old task", [tss + EIP_], .faults
        usual_gate E_NP
        equal "the error code is on the new stack", [stack_b_top - 4], BAD
        equal "and nothing else", [seen_esp], stack_b_top - 4
        mov eax, [tss + EFLAGS_]
        and eax, F_RF
        equal "the old image has RF", eax, F_RF
        fresh arrival
        gate gdt + GATE3, TSS_B, 0, PRESENT | RING3 | T_TASK
        attempt
        in_ring3
        jmp GATE3 | 3:0
        raised "JMP from ring 3 through a task gate", 30h, NONE
        equal "to ring 0", [seen_cs], CODE0
        movzx eax, word [tss + CS_]
        equal "from ring 3", eax, CODE3
        equal "its ESP", [tss + ESP_], user_stack_top
        fresh arrival
        attempt
        in_ring3
  here  jmp TSS_B:0
        faulted "#GP of a TSS of ring 0", E_GP, TSS_B
        attempt
        in_ring3
  here  jmp GATE_B:0
        faulted "#GP of a task gate of ring 0", E_GP, GATE_B
        idt_gate 32h, TSS_B, 0, PRESENT | T_TASK
        attempt
        in_ring3
  here  int 32h
        faulted "#GP of INT to a task gate of ring 0", E_GP, 32h * 8 + 2

; ---- what faults in the old task
        fresh arrival
        mov byte [gdt + TSS_B + 5], T_TSS32
        attempt
  here  jmp TSS_B:0
        faulted "#NP of a TSS", E_NP, TSS_B
        still_old "#NP of a TSS"
        idt_gate 32h, TSS_B, 0, PRESENT | T_TASK
        attempt
  here  int 32h
        faulted "#NP of a TSS by INT", E_NP, TSS_B
        fresh arrival
        idt_gate 32h, TSS_B, 0, T_TASK
        attempt
  here  int 32h
        faulted "#NP of a task gate by INT", E_NP, 32h * 8 + 2
        mov byte [gdt + GATE_B + 5], T_TASK
        attempt
  here  call GATE_B:0
        faulted "#NP of a task gate", E_NP, GATE_B
        fresh arrival
        mov byte [gdt + TSS_B + 5], PRESENT | T_TSS32_BUSY
        attempt
  here  jmp TSS_B:0
        faulted "#GP of a busy TSS", E_GP, TSS_B
        attempt
  here  call TSS0:0
        faulted "#GP of the running task", E_GP, TSS0
        attempt
  here  call GATE_B:0
        faulted "#GP of a gate to a busy TSS", E_GP, TSS_B
        idt_gate 32h, TSS_B, 0, PRESENT | T_TASK
        attempt
  here  int 32h
        faulted "#GP of a busy TSS by INT", E_GP, TSS_B
        fresh arrival
        descriptor TSS_B, tss_b, 102, PRESENT | T_TSS32, 0
        attempt
  here  jmp TSS_B:0
        faulted "#TS of a TSS of 103 bytes", E_TS, TSS_B
        still_old "#TS of a TSS of 103 bytes"
        access_is "it is not busy", TSS_B, PRESENT | T_TSS32
        descriptor TSS_C, tss_c, 42, PRESENT | T_TSS16, 0
        attempt
  here  jmp TSS_C:0
        faulted "#TS of a 16-bit TSS of 43 bytes", E_TS, TSS_C
        idt_gate 32h, 4, 0, PRESENT | T_TASK
        attempt
  here  int 32h
        faulted "#GP of a task gate into the LDT", E_GP, 4
        idt_gate 32h, DATA0, 0, PRESENT | T_TASK
        attempt
  here  int 32h
        faulted "#GP of a task gate to data", E_GP, DATA0
        fresh arrival
        push dword F_NT | 2
        popfd
        mov word [tss + LINK], TSS_B
        attempt
        push dword F_NT | 2
        popfd
  here  iretd
        faulted "#TS of IRET to an available task", E_TS, TSS_B
        mov word [tss + LINK], DATA0
        attempt
        push dword F_NT | 2
        popfd
  here  iretd
        faulted "#TS of IRET to data", E_TS, DATA0
        mov word [tss + LINK], 0fff8h
        attempt
        push dword F_NT | 2
        popfd
  here  iretd
        faulted "#TS of IRET beyond the GDT", E_TS, 0fff8h
        mov word [tss + LINK], TSS_B | 4
        attempt
        push dword F_NT | 2
        popfd
  here  iretd
        faulted "#TS of IRET into the LDT", E_TS, TSS_B | 4
        mov word [tss + LINK], TSS_B
        mov byte [gdt + TSS_B + 5], T_TSS32_BUSY
        attempt
        push dword F_NT | 2
        popfd
  here  iretd
        faulted "#NP of IRET to an absent task", E_NP, TSS_B
        mov byte [gdt + TSS_B + 5], PRESENT | T_TSS32_BUSY
        attempt
        push dword F_NT | 2
        popfd
        iretd
        raised "IRET to a busy task", 30h, NONE
        access_is "IRET: the old task is available", TSS0, PRESENT | T_TSS32
        access_is "IRET: the new task is busy", TSS_B, PRESENT | T_TSS32_BUSY

; ---- what faults in the new task
%macro broken 4-5 nop                   ; name, vector, code, what to do to the TSS
        fresh arrival
        %4
        %5
        attempt
        jmp TSS_B:0
        raised %1, %2, %3
        already_new %1
%endmacro
        broken "#TS of an LDT selector beyond the GDT", E_TS, 0fff8h, {mov word [tss_b + LDT_], 0fff8h}
        broken "#TS of data as LDT", E_TS, DATA0, {mov word [tss_b + LDT_], DATA0}
        broken "#TS of an LDT in the LDT", E_TS, 44h, {mov word [tss_b + LDT_], 44h}
        broken "#TS of an absent LDT", E_TS, LDT_B, {mov word [tss_b + LDT_], LDT_B}, {and byte [gdt + LDT_B + 5], ~PRESENT}
        broken "#TS of a null CS", E_TS, 0, {mov word [tss_b + CS_], 0}
        broken "#TS of data as CS", E_TS, DATA0, {mov word [tss_b + CS_], DATA0}
        broken "#TS of CS with the wrong RPL", E_TS, CODE3 & ~3, {mov word [tss_b + CS_], CODE3 & ~3}
        broken "#NP of CS", E_NP, BAD, {mov word [tss_b + CS_], BAD}, {mov byte [gdt + BAD + 5], CODE_XR}
        broken "#TS of a null SS", E_TS, 0, {mov word [tss_b + SS_SEL], 0}
        broken "#TS of code as SS", E_TS, CODE0, {mov word [tss_b + SS_SEL], CODE0}
        broken "#TS of SS of another ring", E_TS, DATA3 & ~3, {mov word [tss_b + SS_SEL], DATA3}
        broken "#TS of DS beyond the GDT", E_TS, 0fff8h, {mov word [tss_b + DS_], 0fff8h}
        broken "#TS of a TSS in ES", E_TS, TSS0, {mov word [tss_b + ES_], TSS0}
        broken "#TS of execute-only code in FS", E_TS, BAD, {mov word [tss_b + FS_], BAD}, {mov byte [gdt + BAD + 5], PRESENT | CODE_X}
        broken "#NP of FS", E_NP, BAD, {mov word [tss_b + FS_], BAD}, {mov byte [gdt + BAD + 5], DATA_RW}
        fresh arrival
        mov word [tss_b + DS_], 3
        mov word [tss_b + LDT_], LDT_B
        mov word [tss_b + FS_], 0ch
        attempt
        jmp TSS_B:0
        raised "a task with an LDT and a null DS", 30h, NONE
        sldt eax
        movzx eax, ax
        equal "LDTR", eax, LDT_B
        movzx eax, byte [ldt_b + 8 + 5]
        equal "a segment of the LDT is accessed", eax, PRESENT | DATA_RW | 1
        xor eax, eax
        lldt ax

; ---- the T bit
        fresh arrival
        mov byte [tss_b + TRAP], 1
        mov eax, 0ffff0ff0h
        mov dr6, eax
        attempt
        jmp TSS_B:0
        raised "#DB of the T bit", E_DB, NONE
        equal "before the first instruction", [seen_eip], [entry_b]
        mov eax, dr6
        and eax, 0e00fh
        equal "DR6.BT", eax, 8000h
        fresh arrival

; ---- in ring 3 and virtual-8086 mode
        mov word [tss_b + CS_], CODE3
        mov word [tss_b + SS_SEL], DATA3
        mov word [tss_b + DS_], DATA3
        mov word [tss_b + ES_], DATA3
        mov dword [tss_b + ESP_], user_stack_top
        attempt
        jmp TSS_B:0
        raised "JMP to a task of ring 3", 30h, NONE
        equal "its ring", [seen_cs], CODE3
        equal "its stack", [seen_ss], DATA3
        fresh low_v86
        mov dword [tss_b + EFLAGS_], F_VM | F_IOPL3 | 2
        mov word [tss_b + CS_], LOW_SEGMENT
        mov word [tss_b + SS_SEL], LOW_SEGMENT
        mov word [tss_b + DS_], 1234h
        mov word [tss_b + ES_], 5678h
        mov word [tss_b + FS_], 9abch
        mov dword [tss_b + ESP_], LOW_STACK
        attempt
        jmp TSS_B:0
        raised "JMP to a task in virtual-8086 mode", 30h, NONE
        mov eax, [seen_eflags]
        and eax, F_VM
        equal "VM", eax, F_VM
        equal "its CS", [seen_cs], LOW_SEGMENT
        equal "its DS", [seen_ds], 1234h
        equal "its FS", [seen_fs], 9abch
        fresh return_home
        idt_gate 32h, TSS_B, 0, PRESENT | RING3 | T_TASK
        attempt
        in_v86 F_IOPL3
        mov bx, 4242h
        int 32h
        int 30h
        end_v86
        raised "INT from virtual-8086 mode through a task gate and IRET", 30h, NONE
        mov eax, [seen_eflags]
        and eax, F_VM
        equal "back in virtual-8086 mode", eax, F_VM
        fresh arrival
        ret

arrival:
        int 30h
arrival_next:
jump_home:
        jmp TSS0:0
return_home:
        iretd
return_home_next:
        jmp return_home
nested:
        call TSS_C:0
        inc dword [nested_mark]
        iretd

reset_tasks:
        clts
        descriptor TSS0, tss, 103, PRESENT | T_TSS32, 0
        descriptor TSS_B, tss_b, 103, PRESENT | T_TSS32, 0
        descriptor TSS_C, tss_c, 43, PRESENT | T_TSS16, 0
        descriptor LDT_B, ldt_b, 15, PRESENT | T_LDT, 0
        descriptor BAD, 0, 0fffffh, PRESENT | DATA_RW, BIG | GRANULAR
        gate gdt + GATE_B, TSS_B, 0, PRESENT | T_TASK
        gate gdt + GATE_C, TSS_C, 0, PRESENT | T_TASK
        mov dword [ldt_b + 8], 0000ffffh
        mov dword [ldt_b + 12], 00cf9200h
        mov ax, TSS0
        ltr ax
        cld
        mov edi, tss_b
        mov ecx, 104 / 4
        xor eax, eax
        rep stosd
        mov edi, tss_c
        mov ecx, 44 / 4
        rep stosd
        mov dword [tss_b + LINK], 0eeeeh
        mov eax, [entry_b]
        mov [tss_b + EIP_], eax
        mov dword [tss_b + EFLAGS_], F_CF | 2
        mov dword [tss_b + EAX_], 0aaaaaaaah
        mov dword [tss_b + ESP_], stack_b_top
        mov dword [tss_b + CS_], CODE0
        mov dword [tss_b + SS_SEL], DATA0
        mov dword [tss_b + DS_], DATA0
        mov dword [tss_b + ES_], DATA0
        mov dword [tss_b + ESP0], stack0_top
        mov dword [tss_b + ESP0 + 4], DATA0
        mov word [tss_b + 102], 104
        mov ax, [entry_c]
        mov [tss_c + IP_16], ax
        mov word [tss_c + FLAGS_16], 2
        mov word [tss_c + AX_16], 0cccch
        mov word [tss_c + SP_16], LOW_STACK
        mov word [tss_c + CS_16], CODE16
        mov word [tss_c + SS_16], DATA16
        mov word [tss_c + DS_16], DATA16
        ret

        section .low
        bits 16
low_arrival:
        int 30h
low_return:
        iret
low_return_next:
        jmp low_return
low_v86:
        int 30h
        section .text
        bits 32

        section .data
        align 4
nested_mark: dd 0
        section .bss
entry_b: resd 1
entry_c: resd 1
        align_memory 16
tss_b:  resb 104
        align_memory 16
tss_c:  resb 44
        align_memory 16
ldt_b:  resb 16
stack_b: resb 4096
stack_b_top:
        section .text
%include "kernel/end.inc"

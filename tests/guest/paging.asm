; Paging with 4 KiB and 4 MiB pages: rights, error codes, CR2, accessed and dirty bits, operands and code that cross pages, and that an
; instruction that faults has done nothing. SDM volume 3, 4.3, 4.6 to 4.8.
%include "kernel/kernel.inc"

; Page table entries.
PG_P equ 1
PG_W equ 2
PG_U equ 4
PG_A equ 20h
PG_D equ 40h
PG_PS equ 80h

WINDOW equ 800000h                      ; 4 MiB mapped by `table`, page n to frame n
FRAMES equ 400000h                      ; where the frames lie, 16 of them

; Page %1 of the window is frame %1 with rights %2.
%macro page 2
        mov dword [table + (%1) * 4], FRAMES + (%1) * 1000h + (%2)
        mov dword [directory + (WINDOW >> 22) * 4], table + 7
        mov eax, cr3
        mov cr3, eax
%endmacro
%macro page_fault_is 3                  ; name, error code, address
        faulted %1, E_PF, %2
        %strcat %%name %1, ": CR2"
        equal %%name, [seen_cr2], %3
%endmacro

main:
        mov ecx, 1024
        mov edi, directory
        xor eax, eax
        rep stosd
        mov ecx, 1024
        mov edi, table
        rep stosd
        mov edi, identity                ; the first 8 MiB as they are, for every ring
        mov ecx, 2048
        mov eax, 7
.fill:
        stosd
        add eax, 1000h
        loop .fill
        mov dword [directory], identity + 7
        mov dword [directory + 4], identity + 1000h + 7
        mov eax, directory
        mov cr3, eax
        mov eax, cr0
        or eax, 80000000h
        mov cr0, eax
        jmp .on
.on:

; ---- what is not there
        page 0, 0
        attempt
  here  mov al, [WINDOW + 123h]
        page_fault_is "a read of an absent page", 0, WINDOW + 123h
        attempt
  here  mov [WINDOW + 123h], al
        page_fault_is "a write to an absent page", 2, WINDOW + 123h
        attempt
        in_ring3
  here  mov al, [WINDOW + 5]
        page_fault_is "a user's read of an absent page", 4, WINDOW + 5
        attempt
        in_ring3
  here  inc byte [WINDOW + 5]
        page_fault_is "a user's change of an absent page", 6, WINDOW + 5
        attempt
        jmp WINDOW + 20h
        raised "a fetch from an absent page", E_PF, 0
        equal "its EIP", [seen_eip], WINDOW + 20h
        equal "its CR2", [seen_cr2], WINDOW + 20h
        mov dword [directory + (WINDOW >> 22) * 4], 0
        mov eax, cr3
        mov cr3, eax
        attempt
  here  mov al, [WINDOW + 123h]
        page_fault_is "a read without a page table", 0, WINDOW + 123h

; ---- rights
        page 0, PG_P | PG_W
        attempt
        in_ring3
  here  mov al, [WINDOW]
        page_fault_is "a user's read of a supervisor's page", 5, WINDOW
        attempt
        in_ring3
  here  mov [WINDOW], al
        page_fault_is "a user's write to a supervisor's page", 7, WINDOW
        page 0, PG_P | PG_U
        attempt
        in_ring3
        mov al, [WINDOW]
        int 30h
        returned "a user's read of a read-only page"
        attempt
        in_ring3
  here  mov [WINDOW], al
        page_fault_is "a user's write to a read-only page", 7, WINDOW
        attempt
        mov byte [WINDOW], 55h
        int 30h
        returned "a supervisor's write to a read-only page"
        movzx eax, byte [FRAMES]
        equal "it is made", eax, 55h
        skip_unless is_486, .no_wp
        mov eax, cr0
        or eax, 10000h
        mov cr0, eax
        attempt
  here  mov byte [WINDOW], 66h
        page_fault_is "the same with WP", 3, WINDOW
        page 0, PG_P
        attempt
  here  add dword [WINDOW + 8], 1
        page_fault_is "WP and a supervisor's read-only page", 3, WINDOW + 8
        mov eax, cr0
        and eax, ~10000h
        mov cr0, eax
.no_wp:
        page 0, PG_P | PG_W | PG_U
        mov dword [directory + (WINDOW >> 22) * 4], table + PG_P + PG_U
        mov eax, cr3
        mov cr3, eax
        attempt
        in_ring3
  here  mov [WINDOW], al
        page_fault_is "the directory allows no writes", 7, WINDOW
        mov dword [directory + (WINDOW >> 22) * 4], table + PG_P + PG_W
        mov eax, cr3
        mov cr3, eax
        attempt
        in_ring3
  here  mov al, [WINDOW]
        page_fault_is "the directory allows no users", 5, WINDOW

; ---- accessed and dirty
        page 0, PG_P | PG_W | PG_U
        mov al, [WINDOW]
        mov eax, [table]
        and eax, PG_A | PG_D
        equal "a read sets A alone", eax, PG_A
        mov eax, [directory + (WINDOW >> 22) * 4]
        and eax, PG_A | PG_D
        equal "and the directory's A alone", eax, PG_A
        mov [WINDOW], al
        mov eax, [table]
        and eax, PG_A | PG_D
        equal "a write sets D", eax, PG_A | PG_D
        page 0, PG_P | PG_U
        attempt
        in_ring3
        mov [WINDOW], al
        raised "a write that faults", E_PF, 7
        mov eax, [table]
        and eax, PG_D
        equal "sets no D", eax, 0
        page 0, PG_P | PG_W | PG_U
        page 1, 0
        attempt
        mov eax, 11111111h
        mov [FRAMES + 0ffch], eax
  here  mov dword [WINDOW + 0ffeh], 22222222h
        page_fault_is "a write across into an absent page", 2, WINDOW + 1000h
        equal "changes nothing", [FRAMES + 0ffch], 11111111h
        attempt
  here  mov eax, [WINDOW + 0ffdh]
        page_fault_is "a read across into an absent page", 0, WINDOW + 1000h
        page 0, 0
        page 1, PG_P | PG_W | PG_U
        attempt
  here  mov eax, [WINDOW + 0ffdh]
        page_fault_is "a read across from an absent page", 0, WINDOW + 0ffdh
        page 0, PG_P | PG_W | PG_U
        page 1, PG_P | PG_U
        attempt
        in_ring3
  here  inc dword [WINDOW + 0ffdh]
        page_fault_is "a change across into a read-only page", 7, WINDOW + 1000h
        page 0, PG_P | PG_W | PG_U
        page 1, PG_P | PG_W | PG_U
        mov dword [WINDOW + 0ffeh], 12345678h
        movzx eax, word [FRAMES + 0ffeh]
        equal "a store across: its first half", eax, 5678h
        movzx eax, word [FRAMES + 1000h]
        equal "a store across: its second half", eax, 1234h
        mov eax, [table]
        and eax, [table + 4]
        and eax, PG_D
        equal "both pages are dirty", eax, PG_D

; ---- what is mapped anew is seen at once where the manual wants it
        page 2, PG_P | PG_W | PG_U
        mov dword [FRAMES + 2000h], 2222h
        mov dword [FRAMES + 3000h], 3333h
        mov eax, [WINDOW + 2000h]
        mov dword [table + 8], FRAMES + 3000h + 7
        skip_unless is_486, .by_cr3
        invlpg [WINDOW + 2abch]
        jmp .again
.by_cr3:
        mov eax, cr3
        mov cr3, eax
.again:
        equal "INVLPG", [WINDOW + 2000h], 3333h
        mov dword [table + 8], FRAMES + 2000h + 7
        mov eax, cr3
        mov cr3, eax
        equal "a load of CR3", [WINDOW + 2000h], 2222h
        mov dword [table + 8], 0
        mov eax, cr3
        mov cr3, eax
        attempt
        mov dword [table + 8], FRAMES + 2000h + 7
        mov al, [WINDOW + 2000h]
        int 30h
        returned "an absent page that becomes present needs no INVLPG"

; ---- code across pages
        page 0, PG_P | PG_W | PG_U
        page 1, PG_P | PG_W | PG_U
        mov byte [WINDOW + 0ffdh], 0b8h  ; MOV EAX, 12345678h
        mov dword [WINDOW + 0ffeh], 12345678h
        mov word [WINDOW + 1002h], 30cdh
        attempt
        jmp WINDOW + 0ffdh
        returned "an instruction across pages"
        equal "its immediate", eax, 12345678h
        mov dword [table + 4], 0
        mov eax, cr3
        mov cr3, eax
        attempt
        jmp WINDOW + 0ffdh
        raised "an instruction across into an absent page", E_PF, 0
        equal "leaves its first byte", [seen_eip], WINDOW + 0ffdh
        equal "and the page's first in CR2", [seen_cr2], WINDOW + 1000h
        page 4, PG_P | PG_W
        attempt
        in_ring3
        jmp WINDOW + 4000h
        raised "a user's fetch from a supervisor's page", E_PF, 5

; ---- instructions with several accesses: nothing is done
%macro kept_esp 2
        %strcat %%name %1, ": ESP"
        equal %%name, [seen_esp], %2
%endmacro
EDGE equ WINDOW + 5000h                 ; page 4 is absent, page 5 is there
FRAME_EDGE equ FRAMES + 5000h

        page 4, 0
        page 5, PG_P | PG_W | PG_U
        mov dword [FRAME_EDGE], 0abababh
        mov dword [FRAME_EDGE + 4], 0cdcdcdh
        attempt
        in_ring3
        mov esp, EDGE + 8
  here  pushad
        page_fault_is "PUSHAD", 6, EDGE - 4
        kept_esp "PUSHAD", EDGE + 8
        equal "PUSHAD: memory", [FRAME_EDGE + 4], 0cdcdcdh
        attempt
        in_ring3
        mov esp, EDGE + 6
  here  pushaw
        page_fault_is "PUSHA", 6, EDGE - 2
        kept_esp "PUSHA", EDGE + 6
        equal "PUSHA: memory", [FRAME_EDGE + 4], 0cdcdcdh
        attempt
        in_ring3
        mov esp, EDGE
        mov edi, WINDOW + 5000h
  here  call ret_here
        page_fault_is "CALL", 6, EDGE - 4
        kept_esp "CALL", EDGE
        attempt
        in_ring3
        mov esp, EDGE + 4
  here  call CODE3:ret_here
        page_fault_is "far CALL", 6, EDGE - 4
        kept_esp "far CALL", EDGE + 4
        equal "far CALL: memory", [FRAME_EDGE], 0abababh
        attempt
        in_ring3
        mov esp, EDGE + 4
        mov ebp, 77777777h
  here  enter 8, 0
        raised "ENTER with room for EBP alone", E_PF, 6
        kept_esp "ENTER", EDGE + 4
        equal "ENTER: EBP", ebp, 77777777h
        attempt
        in_ring3
        mov esp, EDGE + 0f0h
        mov ebp, EDGE + 80h
  here  enter 2000h, 0
        raised "ENTER that ends in an absent page", E_PF, 6
        kept_esp "ENTER to an absent end", EDGE + 0f0h
        equal "ENTER to an absent end: EBP", ebp, EDGE + 80h
        attempt
        in_ring3
        mov esp, EDGE + 4
        push dword [EDGE - 8]
        raised "PUSH of absent memory", E_PF, 4
        kept_esp "PUSH of absent memory", EDGE + 4
        attempt
        in_ring3
        mov esp, EDGE + 4
  here  pop dword [EDGE - 8]
        page_fault_is "POP into absent memory", 6, EDGE - 8
        kept_esp "POP into absent memory", EDGE + 4
        attempt
        in_ring3
        mov ebp, EDGE - 8
  here  leave
        page_fault_is "LEAVE", 4, EDGE - 8
        kept_esp "LEAVE", user_stack_top
        equal "LEAVE: EBP", ebp, EDGE - 8
        attempt
        in_ring3
        mov eax, 1111h
        mov ebx, 2222h
  here  xchg eax, [EDGE - 4]
        page_fault_is "XCHG", 6, EDGE - 4
        equal "XCHG: EAX", eax, 1111h
        attempt
        in_ring3
        mov esi, EDGE
        mov edi, EDGE - 8
  here  movsd
        page_fault_is "MOVSD", 6, EDGE - 8
        equal "MOVSD: ESI", esi, EDGE
        equal "MOVSD: EDI", edi, EDGE - 8
        attempt
        in_ring3
        std
        mov edi, EDGE + 8
        mov ecx, 10
        mov eax, 9999h
  here  rep stosd
        page_fault_is "REP STOSD downwards", 6, EDGE - 4
        equal "REP STOSD: ECX", ecx, 7
        equal "REP STOSD: EDI", edi, EDGE - 4
        equal "REP STOSD: memory", [FRAME_EDGE], 9999h
        page 6, 0
        attempt
        in_ring3
        mov esi, EDGE + 0ff0h
        mov edi, EDGE
        mov ecx, 100
  here  rep movsb
        page_fault_is "REP MOVSB", 4, EDGE + 1000h
        equal "REP MOVSB: ECX", ecx, 100 - 16
        equal "REP MOVSB: ESI", esi, EDGE + 1000h
        equal "REP MOVSB: EDI", edi, EDGE + 16
        attempt
        in_ring3
        mov esi, EDGE + 0ffeh
        mov edi, EDGE + 0ffeh
        mov ecx, 5
  here  repe cmpsw
        page_fault_is "REPE CMPSW", 4, EDGE + 1000h
        equal "REPE CMPSW: ECX", ecx, 4
        attempt
        in_ring3
        mov eax, 5555h
        mov edi, EDGE + 0ffeh
  here  lds eax, [EDGE + 0ffch]
        page_fault_is "LDS", 4, EDGE + 1000h
        equal "LDS: EAX", eax, 5555h
        attempt
        in_ring3
        mov esp, EDGE + 0ffch
  here  retf
        page_fault_is "RETF", 4, EDGE + 1000h
        kept_esp "RETF", EDGE + 0ffch
        attempt
        in_ring3
        mov esp, EDGE + 0ff8h
  here  iretd
        page_fault_is "IRETD", 4, EDGE + 1000h
        kept_esp "IRETD", EDGE + 0ff8h
        attempt
        in_ring3
        mov esp, EDGE + 0ff0h
        mov eax, 1
        mov edi, 2
  here  popad
        page_fault_is "POPAD", 4, EDGE + 1000h
        kept_esp "POPAD", EDGE + 0ff0h
        equal "POPAD: EDI", edi, 2
        skip_unless is_486, .no_cmpxchg
        attempt
        in_ring3
        mov eax, 0
        mov edx, 0
  here  cmpxchg [EDGE + 0ffdh], edx
        page_fault_is "CMPXCHG across", 6, EDGE + 1000h
.no_cmpxchg:
        attempt
        in_ring3
        mov eax, -1
  here  bts dword [EDGE], eax
        page_fault_is "BTS with a negative offset", 6, EDGE - 4
        attempt
        in_ring3
  here  fnsave [EDGE + 0ff0h]
        page_fault_is "FSAVE across", 6, EDGE + 1000h
        attempt
        in_ring3
  here  shld dword [EDGE - 4], eax, 4
        page_fault_is "SHLD", 6, EDGE - 4

; ---- 4 MiB pages
        skip_unless has_pse, .no_pse
        page 5, PG_P | PG_W | PG_U
        or dword [directory + (WINDOW >> 22) * 4], PG_PS
        mov eax, cr3
        mov cr3, eax
        attempt
        mov al, [EDGE]
        raised "without CR4.PSE the bit is ignored", NOTHING, NONE
        mov eax, cr4
        or eax, 10h
        mov cr4, eax
        mov dword [directory + (WINDOW >> 22) * 4], FRAMES + PG_P | PG_W | PG_U | PG_PS
        mov dword [FRAMES + 123450h], 77778888h
        equal "a 4 MiB page", [WINDOW + 123450h], 77778888h
        mov eax, [directory + (WINDOW >> 22) * 4]
        and eax, PG_A | PG_D
        equal "its A bit", eax, PG_A
        mov [WINDOW], al
        mov eax, [directory + (WINDOW >> 22) * 4]
        and eax, PG_A | PG_D
        equal "its D bit", eax, PG_A | PG_D
        mov dword [directory + (WINDOW >> 22) * 4], FRAMES + PG_P | PG_U | PG_PS
        mov eax, cr3
        mov cr3, eax
        attempt
        in_ring3
  here  mov [WINDOW + 123450h], al
        page_fault_is "a user's write to a read-only 4 MiB page", 7, WINDOW + 123450h
        mov dword [directory + (WINDOW >> 22) * 4], FRAMES + PG_P | PG_W | PG_PS
        mov eax, cr3
        mov cr3, eax
        attempt
        in_ring3
  here  mov al, [WINDOW + 3fffffh]
        page_fault_is "a user's read of a supervisor's 4 MiB page", 5, WINDOW + 3fffffh
        mov dword [directory + (WINDOW >> 22) * 4], FRAMES + PG_P | PG_W | PG_U | PG_PS | 200000h
        mov eax, cr3
        mov cr3, eax
        attempt
  here  mov al, [WINDOW + 1]
        page_fault_is "a reserved bit of a 4 MiB page", 9, WINDOW + 1
        skip_unless has_pge, .no_pse

; ---- global pages
        mov eax, cr4
        or eax, 80h
        mov cr4, eax
        mov dword [directory + (WINDOW >> 22) * 4], table + 7
        mov dword [table], FRAMES + 107h
        mov dword [FRAMES], 1234h
        mov eax, cr3
        mov cr3, eax
        equal "a global page", [WINDOW], 1234h
        mov dword [table], FRAMES + 1000h + 107h
        mov dword [FRAMES + 1000h], 5678h
        invlpg [WINDOW]
        equal "INVLPG of a global page", [WINDOW], 5678h
        mov dword [table], FRAMES + 107h
        mov eax, cr4
        and eax, ~80h
        mov cr4, eax
        equal "CR4.PGE cleared", [WINDOW], 1234h
.no_pse:
        ret
ret_here:
        ret

        section .bss
        align_memory 4096
directory: resb 4096
table:  resb 4096
identity: resb 8192
        section .text
%include "kernel/end.inc"

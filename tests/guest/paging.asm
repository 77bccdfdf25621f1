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
        equal %1 %+ ": CR2", [seen_cr2], %3
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
        mov dword [directory + (WINDOW >> 22) * 4], table + PG_P | PG_U
        mov eax, cr3
        mov cr3, eax
        attempt
        in_ring3
  here  mov [WINDOW], al
        page_fault_is "the directory allows no writes", 7, WINDOW
        mov dword [directory + (WINDOW >> 22) * 4], table + PG_P | PG_W
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
        page 5, PG_P | PG_W | PG_U
        page 4, 0
        attempt
        mov esp, WINDOW + 5000h + 14
        mov eax, 1
  here  pushad
        raised "PUSHAD into an absent page", E_DF, 0

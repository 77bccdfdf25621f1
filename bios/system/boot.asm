; INT 19h: loads the first sector of the first device that has a usable one, in the order CMOS gives; INT 18h: what was
; started gives up, the next one is tried.

boot_floppy     equ 1
boot_disk       equ 2
boot_cd         equ 3

boot_absent     equ 0xf0                ; in ebda.boot_errors, beside INT 13h's own codes
boot_empty      equ 0xf1                ; no boot program in the sector
boot_gave_up    equ 0xf2
boot_no_way     equ 0xf3

int19:
        cli
        cld
        xor ax, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
        ds_ebda
        mov al, cmos_boot
        call cmos_read
        mov ah, al
        and al, 0x0f
        mov cl, 4
        shr ah, cl
        mov [ebda.boot_list], ax
        mov al, cmos_boot_third
        call cmos_read
        shr al, cl
        mov ah, 0
        mov [ebda.boot_list + 2], ax
        cmp byte [ebda.boot_list], 0
        jne .ordered
        mov word [ebda.boot_list], boot_disk << 8 | boot_floppy
        mov word [ebda.boot_list + 2], 0
.ordered:
        mov byte [ebda.boot_step], 0
        jmp boot_next

int18:
        cli
        cld
        xor ax, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
        ds_ebda
        mov bl, [ebda.boot_step]
        mov bh, 0
        cmp bl, 3
        jae boot_next
        mov byte [bx + ebda.boot_errors], boot_gave_up
        inc byte [ebda.boot_step]

boot_next:
        ds_ebda
        mov bl, [ebda.boot_step]
        mov bh, 0
        cmp bl, 3
        jae boot_nothing
        mov al, [bx + ebda.boot_list]
        test al, al
        jz boot_nothing
        mov ah, boot_no_way
        cmp al, boot_cd
        ja .failed
        jne .no_cd
        call cd_boot                    ; comes back if it cannot
        jmp .failed
.no_cd:
        mov dl, 0
        cmp al, boot_floppy
        je .device
        mov dl, 0x80
.device:
        call boot_load
        jc .failed
        push dx
        mov bl, dl
        mov si, boot_from_floppy
        test bl, bl
        jns .say
        mov si, boot_from_disk
.say:
        call print
        pop dx
        xor ax, ax
        mov bx, ax
        mov cx, ax
        mov si, ax
        mov di, ax
        mov bp, ax
        mov ds, ax
        mov es, ax
        mov bx, 0x7c00
        jmp 0:0x7c00
.failed:
        ds_ebda
        mov bl, [ebda.boot_step]
        mov bh, 0
        mov [bx + ebda.boot_errors], ah
        inc byte [ebda.boot_step]
        jmp boot_next

; The first sector of drive DL to 0000:7C00. Carry: AH = what is wrong.
boot_load:
        test dl, dl
        js .disk
        push ds
        ds_ebda
        cmp byte [ebda.floppy_type], 0
        pop ds
        je .absent
        jmp .present
.disk:
        push ds
        mov ds, [cs:bda_segment]
        cmp byte [bda.disks], 0
        pop ds
        je .absent
.present:
        mov di, 4                       ; a change of disk costs one attempt
.again:
        xor bx, bx
        mov es, bx
        mov bx, 0x7c00
        mov cx, 0x0001
        mov dh, 0
        mov ax, 0x0201
        int 0x13
        jnc .read
        cmp ah, disk_timeout
        je .bad
        dec di
        jz .bad
        cmp ah, disk_changed
        je .again
        push ax
        mov ah, 0
        int 0x13
        pop ax
        jmp .again
.read:
        mov ah, boot_empty
        cmp word [es:0x7c00], 0         ; a partition table without a program
        je .bad
        cmp word [es:0x7dfe], 0xaa55
        je .good
        test dl, dl
        js .bad
        cmp byte [es:0x7c00], 0x06      ; floppies older than the signature: the AT's own test
        jb .bad
        mov di, 0x7c02
        mov cx, 9
        mov ax, [es:0x7c00]
        repe scasw
        mov ah, boot_empty
        je .bad
.good:
        clc
        ret
.absent:
        mov ah, boot_absent
.bad:
        stc
        ret

; Nothing can be booted: what was tried, why it failed, what to do.
boot_nothing:
        mov si, .title
        call print
        xor di, di
.device:
        ds_ebda
        cmp di, 3
        jae .advice
        mov al, [di + ebda.boot_list]
        test al, al
        jz .advice
        cmp al, boot_cd
        jbe .named
        mov al, boot_cd + 1
.named:
        dec al
        mov si, .names
        call print_choice
        mov ah, [di + ebda.boot_errors]
        mov bx, .reasons
.look:
        cmp byte [cs:bx], 0
        je .number
        cmp ah, [cs:bx]
        je .reason
        add bx, 3
        jmp .look
.number:
        mov si, .error
        call print
        mov al, ah
        mov al, [di + ebda.boot_errors]
        mov ah, 0
        call print_word
        jmp .next
.reason:
        mov si, [cs:bx + 1]
        call print
.next:
        mov si, show_title.end
        call print
        inc di
        jmp .device
.advice:
        mov si, .what_to_do
        call print
        mov ah, 0
        int 0x16
        mov si, show_title.end
        call print
        int 0x19

.title: db "Nothing here can be booted. Tried:", 13, 10, 0
.names: db "  floppy A:    ", 0, "  hard disk 0: ", 0, "  CD-ROM:      ", 0, "  network:     ", 0
.error: db "read error ", 0
.reasons:
        db boot_absent
        dw .absent
        db boot_empty
        dw .empty
        db boot_gave_up
        dw .gave_up
        db boot_no_way
        dw .no_way
        db disk_timeout
        dw .no_disk
        db disk_no_address_mark
        dw .unformatted
        db 0
.absent:        db "there is none", 0
.empty:         db "no boot program in its first sector", 0
.gave_up:       db "its boot program gave up", 0
.no_way:        db "this BIOS cannot boot from it", 0
.no_disk:       db "no disk, or it does not answer", 0
.unformatted:   db "not formatted", 0
.what_to_do:
        db 13, 10, "Put a bootable disk into drive A, or start the machine with one,"
        db 13, 10, "and press a key to try again.", 13, 10, 0

boot_from_floppy:
        db "Booting from floppy A:", 13, 10, 13, 10, 0
boot_from_disk:
        db "Booting from hard disk 0", 13, 10, 13, 10, 0
